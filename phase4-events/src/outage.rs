//! A time in which the storage does not answer: told once, and not with each try.

/// Whether somebody waits for the storage.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    lasts: bool,
}

impl Outage {
    /// Notes that it does not answer. Answers whether that is new.
    pub(crate) fn begins(&mut self) -> bool {
        !std::mem::replace(&mut self.lasts, true)
    }

    /// Notes that it answers. Answers whether that is new.
    pub(crate) fn ends(&mut self) -> bool {
        std::mem::take(&mut self.lasts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_new_once() {
        let mut outage = Outage::default();
        assert!(!outage.ends(), "there was none");
        assert!(outage.begins() && !outage.begins());
        assert!(outage.ends() && !outage.ends());
        assert!(outage.begins());
    }
}
