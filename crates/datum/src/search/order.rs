//! PostgreSQL's sort, for where the order of equal elements is seen: which of a query's equal lexemes ranks.

use std::cmp::Ordering;

/// Sorts as PostgreSQL's `qsort` does (Bentley and McIlroy's), equal elements in its order.
pub(super) fn sort<T>(mut items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    loop {
        let count = items.len();
        if items.windows(2).all(|pair| compare(&pair[0], &pair[1]).is_le()) {
            return;
        }
        if count < 7 {
            for end in 1..count {
                let mut at = end;
                while at > 0 && compare(&items[at - 1], &items[at]).is_gt() {
                    items.swap(at - 1, at);
                    at -= 1;
                }
            }
            return;
        }
        let median = |a: usize, b: usize, c: usize| {
            let less = |left: usize, right: usize| compare(&items[left], &items[right]).is_lt();
            match (less(a, b), less(b, c), less(a, c)) {
                (true, true, _) => b,
                (true, false, true) => c,
                (true, false, false) => a,
                (false, ..) if compare(&items[b], &items[c]).is_gt() => b,
                (false, _, true) => a,
                (false, _, false) => c,
            }
        };
        let mut middle = count / 2;
        if count > 7 {
            let (mut low, mut high) = (0, count - 1);
            if count > 40 {
                let step = count / 8;
                low = median(0, step, 2 * step);
                middle = median(middle - step, middle, middle + step);
                high = median(high - 2 * step, high - step, high);
            }
            middle = median(low, middle, high);
        }
        items.swap(0, middle);
        // Equal ones gather at both ends.
        let (mut low_equal, mut low) = (1, 1);
        let (mut high, mut high_equal) = (count - 1, count - 1);
        loop {
            while low <= high {
                let order = compare(&items[low], &items[0]);
                if order.is_gt() {
                    break;
                }
                if order.is_eq() {
                    items.swap(low_equal, low);
                    low_equal += 1;
                }
                low += 1;
            }
            while low <= high {
                let order = compare(&items[high], &items[0]);
                if order.is_lt() {
                    break;
                }
                if order.is_eq() {
                    items.swap(high, high_equal);
                    high_equal -= 1;
                }
                high -= 1;
            }
            if low > high {
                break;
            }
            items.swap(low, high);
            low += 1;
            high -= 1;
        }
        // And go between.
        let moved = low_equal.min(low - low_equal);
        swap_ranges(items, 0, low - moved, moved);
        let moved = (high_equal - high).min(count - high_equal - 1);
        swap_ranges(items, low, count - moved, moved);
        let (lower, upper) = (low - low_equal, high_equal - high);
        let whole = std::mem::take(&mut items);
        let (left, rest) = whole.split_at_mut(lower);
        let start = rest.len() - upper;
        let right = &mut rest[start..];
        // The smaller part is sorted first.
        if lower <= upper {
            sort(left, compare);
            items = right;
        } else {
            sort(right, compare);
            items = left;
        }
        if items.len() <= 1 {
            return;
        }
    }
}

fn swap_ranges<T>(items: &mut [T], left: usize, right: usize, count: usize) {
    for at in 0..count {
        items.swap(left + at, right + at);
    }
}
