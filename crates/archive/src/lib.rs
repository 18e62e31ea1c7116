//! An archive as a whole: policy, plan, build, publish, verify, restore over the rooms below.
