//! Three kinds of plot as SVG text: columns, bars, a curve.
//!
//! Drawn for a card 420 units wide: on a phone that is about one unit a pixel, so the type stays readable, and
//! on a screen a little larger. Colours are classes, for the page's light and dark variables.

use super::figures::short;
use std::fmt::Write;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 50.0;
const RIGHT: f64 = 402.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 190.0;

/// A column of a histogram.
pub(super) struct ColumnMark {
    /// Under the axis; empty for none.
    pub(super) tick: String,
    /// Said when pointed at.
    pub(super) hint: String,
    pub(super) value: u64,
    /// Not a measured place on the axis ("not known"), drawn in the second colour.
    pub(super) aside: bool,
}

/// A horizontal bar of parts.
pub(super) struct BarMark {
    pub(super) label: String,
    /// Right of the label.
    pub(super) note: String,
    /// CSS class, value and hint of each part.
    pub(super) parts: Vec<(&'static str, u64, String)>,
}

/// A histogram.
pub(super) fn columns(id: &str, title: &str, desc: &str, marks: &[ColumnMark]) -> String {
    let most = marks.iter().map(|mark| mark.value).max().unwrap_or(0).max(1);
    let top = nice_above(most);
    let mut svg = start(id, title, desc, HEIGHT);
    let ticks = if top.is_multiple_of(4) { 4 } else { 2 };
    for tick in 0..=ticks {
        if (top * tick).is_multiple_of(ticks) {
            let y = BOTTOM - (BOTTOM - TOP) * tick as f64 / ticks as f64;
            grid(&mut svg, y, &short(top * tick / ticks));
        }
    }
    let step = (RIGHT - LEFT) / marks.len().max(1) as f64;
    let width = (step - if step > 8.0 { 2.0 } else { 0.5 }).clamp(0.5, 56.0);
    for (index, mark) in marks.iter().enumerate() {
        let middle = LEFT + step * (index as f64 + 0.5);
        let height = (BOTTOM - TOP) * mark.value as f64 / top as f64;
        let height = if mark.value > 0 { height.max(1.0) } else { 0.0 };
        let _ = write!(
            svg,
            "<rect class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{:.1}\">\
             <title>{}</title></rect>",
            if mark.aside { "m2" } else { "m1" },
            middle - width / 2.0,
            BOTTOM - height,
            if width > 6.0 && height > 3.0 { 1.5 } else { 0.0 },
            escape(&mark.hint)
        );
        if !mark.tick.is_empty() {
            text(&mut svg, middle, BOTTOM + 18.0, "middle", "t", &mark.tick);
        }
    }
    let _ = write!(
        svg,
        "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{BOTTOM}\" y2=\"{BOTTOM}\"/>"
    );
    svg.push_str("</svg>");
    svg
}

/// Horizontal bars, label above each.
pub(super) fn bars(id: &str, title: &str, desc: &str, marks: &[BarMark]) -> String {
    const STEP: f64 = 36.0;
    let sum = |mark: &BarMark| mark.parts.iter().map(|part| part.1).sum::<u64>();
    let most = marks.iter().map(sum).max().unwrap_or(0).max(1);
    let mut svg = start(id, title, desc, STEP * marks.len() as f64 + 4.0);
    for (index, mark) in marks.iter().enumerate() {
        let y = STEP * index as f64;
        text(&mut svg, 2.0, y + 14.0, "start", "l", &shortened(&mark.label, 44));
        text(&mut svg, WIDTH - 2.0, y + 14.0, "end", "t", &mark.note);
        let mut x = 2.0;
        let room = WIDTH - 4.0;
        let _ = write!(
            svg,
            "<rect class=\"track\" x=\"2\" y=\"{:.1}\" width=\"{room}\" height=\"9\" rx=\"2\"/>",
            y + 20.0
        );
        for (class, value, hint) in mark.parts.iter().filter(|part| part.1 > 0) {
            let width = (room * *value as f64 / most as f64).max(1.5);
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"9\" rx=\"2\">\
                 <title>{}</title></rect>",
                y + 20.0,
                (width - 1.0).max(1.0),
                escape(hint)
            );
            x += width;
        }
    }
    svg.push_str("</svg>");
    svg
}

/// Horizontal bars of one part, label before and note behind each: for few short labels.
pub(super) fn short_bars(id: &str, title: &str, desc: &str, marks: &[BarMark]) -> String {
    const STEP: f64 = 22.0;
    const FROM: f64 = 108.0;
    const TO: f64 = 268.0;
    let value = |mark: &BarMark| mark.parts.first().map_or(0, |part| part.1);
    let most = marks.iter().map(value).max().unwrap_or(0).max(1);
    let mut svg = start(id, title, desc, STEP * marks.len() as f64 + 4.0);
    for (index, mark) in marks.iter().enumerate() {
        let y = STEP * index as f64;
        text(&mut svg, 2.0, y + 15.0, "start", "l", &mark.label);
        text(&mut svg, WIDTH - 2.0, y + 15.0, "end", "t", &mark.note);
        let bars = [("track", most, String::new())];
        for (class, value, hint) in bars.iter().chain(&mark.parts) {
            let width = ((TO - FROM) * *value as f64 / most as f64).max(1.5);
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{FROM}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"10\" rx=\"2\">\
                 <title>{}</title></rect>",
                y + 6.0,
                escape(hint)
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// What a curve is drawn along.
pub(super) struct Scale {
    first: f64,
    last: f64,
    is_log: bool,
    ticks: Vec<(f64, String)>,
    /// Under the ticks.
    name: String,
}

impl Scale {
    /// From 0 to `last`.
    pub(super) fn linear(last: f64, label: impl Fn(f64) -> String) -> Scale {
        let step = nice_step(last / 5.0);
        let values = (0..=5).map(|tick| step * f64::from(tick));
        let ticks = values.filter(|x| *x <= last * 1.000_001).map(|x| (x, label(x))).collect();
        Scale { first: 0.0, last, is_log: false, ticks, name: String::new() }
    }

    /// From `first` above 0 to `last`, each step to the right ten times as much.
    pub(super) fn log(first: f64, last: f64, label: impl Fn(f64) -> String) -> Scale {
        let powers = first.log10().ceil() as i32..=(last * 1.000_001).log10().floor() as i32;
        // No label on another's place: the narrowest card has room for six.
        let every = powers.clone().count().div_ceil(6).max(1);
        let ticks = powers.rev().step_by(every).map(|power| 10f64.powi(power));
        let ticks = ticks.map(|x| (x, label(x))).collect();
        Scale { first, last, is_log: true, ticks, name: String::new() }
    }

    pub(super) fn called(self, name: &str) -> Scale {
        let step = if self.is_log { ", on a logarithmic scale" } else { "" };
        Scale { name: format!("{name}{step}"), ..self }
    }

    /// Across the drawing.
    fn x(&self, value: f64) -> f64 {
        let place = match self.is_log {
            true => (value / self.first).ln() / (self.last / self.first).ln(),
            false => value / self.last,
        };
        LEFT + (RIGHT - LEFT) * if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// A place on a curve that is worth a word.
pub(super) struct CurveMark {
    pub(super) x: f64,
    /// 0 to 1.
    pub(super) y: f64,
    pub(super) label: String,
}

/// A rising curve through points whose second number is a share, 0 to 1.
pub(super) fn curve(
    id: &str,
    title: &str,
    desc: &str,
    scale: &Scale,
    points: &[(f64, f64)],
    marks: &[CurveMark],
) -> String {
    let y_of = |y: f64| BOTTOM - (BOTTOM - TOP) * y.clamp(0.0, 1.0);
    let mut svg = start(id, title, desc, HEIGHT + 16.0);
    for quarter in 0..=4 {
        grid(&mut svg, y_of(f64::from(quarter) / 4.0), &format!("{} %", quarter * 25));
    }
    for (value, label) in &scale.ticks {
        let x = scale.x(*value);
        let anchor = if x > RIGHT - 20.0 { "end" } else { "middle" };
        let _ = write!(
            svg,
            "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{BOTTOM}\" y2=\"{:.1}\"/>",
            BOTTOM + 4.0
        );
        text(&mut svg, if anchor == "end" { RIGHT } else { x }, BOTTOM + 18.0, anchor, "t", label);
    }
    let from = match (scale.is_log, points.first()) {
        (true, Some(first)) => scale.x(first.0),
        _ => LEFT,
    };
    let mut path = format!("M{from:.1} {BOTTOM}");
    let mut drawn = (from, BOTTOM);
    for (index, (x, y)) in points.iter().enumerate() {
        let next = (scale.x(*x), y_of(*y));
        // Nobody sees less than a third of a pixel, and long lists have thousands of points.
        let is_seen = (next.0 - drawn.0).abs() + (next.1 - drawn.1).abs() > 0.3;
        if is_seen || index + 1 == points.len() {
            let _ = write!(path, "L{:.1} {:.1}", next.0, next.1);
            drawn = next;
        }
    }
    let _ = write!(
        svg,
        "<path class=\"area\" d=\"{path}L{:.1} {BOTTOM}Z\"/><path class=\"curve\" d=\"{path}\"/>",
        drawn.0
    );
    for mark in marks {
        let (x, y) = (scale.x(mark.x), y_of(mark.y));
        // Where a rising curve is not: before it and above, or behind it and below.
        let (words, line, anchor) = match x > (LEFT + RIGHT) * 0.55 {
            true => (x - 8.0, (y - 6.0).max(TOP + 10.0), "end"),
            false => (x + 8.0, (y + 20.0).min(BOTTOM - 8.0), "start"),
        };
        let _ = write!(
            svg,
            "<line class=\"drop\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{y:.1}\" y2=\"{BOTTOM}\"/>\
             <circle class=\"m2\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>"
        );
        text(&mut svg, words, line, anchor, "l", &mark.label);
    }
    let _ = write!(
        svg,
        "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{BOTTOM}\" y2=\"{BOTTOM}\"/>"
    );
    text(&mut svg, (LEFT + RIGHT) / 2.0, BOTTOM + 38.0, "middle", "t", &scale.name);
    svg.push_str("</svg>");
    svg
}

fn start(id: &str, title: &str, desc: &str, height: f64) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
         <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        escape(title),
        escape(desc)
    )
}

fn grid(svg: &mut String, y: f64, label: &str) {
    let _ = write!(
        svg,
        "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"
    );
    text(svg, LEFT - 6.0, y + 4.0, "end", "t", label);
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, class: &str, words: &str) {
    let _ = write!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escape(words)
    );
}

/// The next of 1, 2, 3, 4, 5, 10, 20... at or above a number.
fn nice_above(number: u64) -> u64 {
    let mut unit = 1u64;
    loop {
        for step in [1, 2, 3, 4, 5] {
            let Some(nice) = unit.checked_mul(step) else {
                return number;
            };
            if nice >= number {
                return nice;
            }
        }
        match unit.checked_mul(10) {
            Some(next) => unit = next,
            None => return number,
        }
    }
}

/// The next of 1, 2, 2.5, 5, 10, 20, 25... at or above a number.
fn nice_step(number: f64) -> f64 {
    let unit = 10f64.powf(number.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0].map(|step| step * unit);
    steps.into_iter().find(|step| *step >= number * 0.999_999).unwrap_or(unit * 10.0)
}

fn shortened(label: &str, characters: usize) -> String {
    if label.chars().count() <= characters {
        return label.to_owned();
    }
    label.chars().take(characters - 1).chain(['…']).collect()
}

fn escape(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&#39;"),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_words_stay_words() {
        let marks =
            [ColumnMark { tick: "<b>".into(), hint: "\"'&</svg>".into(), value: 1, aside: false }];
        let svg = columns("x", "<script>", "</desc>", &marks);
        assert!(
            !svg.contains("<script>") && !svg.contains("<b>") && !svg.contains("</svg></title>")
        );
    }

    #[test]
    fn axes_end_at_round_numbers() {
        assert_eq!([0, 1, 3, 41, 4_999].map(nice_above), [1, 1, 3, 50, 5_000]);
        assert_eq!(nice_above(u64::MAX), u64::MAX);
    }
}
