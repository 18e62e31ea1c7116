//! `--name VALUE` arguments, and three without a value.

use crate::Failure;
use std::collections::HashMap;
use std::path::Path;

pub(crate) struct Arguments {
    values: HashMap<String, String>,
    json: bool,
    only_search: bool,
    twins: bool,
}

impl Arguments {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Arguments, Failure> {
        let values = HashMap::new();
        let mut read = Arguments { values, json: false, only_search: false, twins: false };
        while let Some(name) = arguments.next() {
            match name.as_str() {
                "--json" => read.json = true,
                "--only-search" => read.only_search = true,
                "--twins" => read.twins = true,
                _ => {
                    let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
                    read.values.insert(name, value);
                }
            }
        }
        Ok(read)
    }

    pub(crate) fn json(&self) -> bool {
        self.json
    }

    pub(crate) fn only_search(&self) -> bool {
        self.only_search
    }

    pub(crate) fn twins(&self) -> bool {
        self.twins
    }

    pub(crate) fn path(&self, name: &str) -> Result<&Path, Failure> {
        let value = self.values.get(name);
        Ok(Path::new(value.ok_or_else(|| format!("{name} is missing; see the top of main.rs"))?))
    }

    pub(crate) fn optional_path(&self, name: &str) -> Option<&Path> {
        self.values.get(name).map(Path::new)
    }

    pub(crate) fn recordings(&self) -> Result<u32, Failure> {
        match self.number("--recordings", 0)? {
            0 => Err("--recordings N is missing".into()),
            number => Ok(number.try_into()?),
        }
    }

    pub(crate) fn seed(&self) -> Result<u64, Failure> {
        self.number("--seed", 1)
    }

    pub(crate) fn number(&self, name: &str, default: u64) -> Result<u64, Failure> {
        let Some(text) = self.values.get(name) else { return Ok(default) };
        let number = text.replace('_', "").parse();
        Ok(number.map_err(|_| format!("{name}: '{text}' is not a number"))?)
    }
}
