//! Chance that can be had again: every choice of a run follows from its seed.

/// A stream of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Dice {
        // Mixed, so that the stream of a seed is not a later part of its neighbour's.
        Dice(Dice(seed ^ 0x1234_5678_9abc_def1).next_number())
    }

    /// The next number.
    pub fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`; 0 when there are none.
    pub fn below(&mut self, sides: usize) -> usize {
        if sides == 0 { 0 } else { (self.next_number() % sides as u64) as usize }
    }

    /// A number of a range, both ends included.
    pub fn within(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True so many times of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these words.
    pub fn word<'w>(&mut self, words: &'w [&'w str]) -> &'w str {
        words[self.below(words.len())]
    }

    /// One of a list, which is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// Some of a list, at least one, in its order.
    pub fn some<T: Clone>(&mut self, list: &[T], at_most: usize) -> Vec<T> {
        let wanted = self.within(1, at_most.min(list.len()).max(1));
        let mut left = list.len();
        let mut missing = wanted;
        let mut found = Vec::new();
        for item in list {
            if self.below(left) < missing {
                found.push(item.clone());
                missing -= 1;
            }
            left -= 1;
        }
        found
    }
}
