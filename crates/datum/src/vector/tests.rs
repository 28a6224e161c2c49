use super::{compare_text, decode, encode, folded, fused, input, output};
use std::cmp::Ordering;

fn printed(text: &str) -> String {
    let mut out = String::new();
    match input(text, -1).and_then(|stored| output(&stored, &mut out)) {
        Ok(()) => out,
        Err(error) => error.message().to_owned(),
    }
}

#[test]
fn what_is_stored_reads_back_bit_by_bit() {
    let values = [0.0, -0.0, 1.0, -1.5, f32::MIN_POSITIVE, f32::from_bits(1), f32::MAX, f32::MIN, 0.1];
    let stored = encode(values);
    assert_eq!(stored.len(), values.len() * 8);
    let read = decode(&stored).unwrap_or_default();
    assert_eq!(read.iter().map(|value| value.to_bits()).collect::<Vec<_>>(), values.map(f32::to_bits));
    assert!(decode("3f80000").is_err());
    assert!(decode("").is_err());
}

#[test]
fn numbers_are_read_as_strtof_reads_them() {
    assert_eq!(printed(" [ 1., .5 ,+3e0,-0,1e-46\t] "), "[1,0.5,3,-0,0]");
    assert_eq!(printed("[1e]"), "invalid input syntax for type vector: \"[1e]\"");
    assert_eq!(printed("[0x]"), "invalid input syntax for type vector: \"[0x]\"");
    assert_eq!(printed("[.]"), "invalid input syntax for type vector: \"[.]\"");
    assert_eq!(printed("[1,é]"), "invalid input syntax for type vector: \"[1,é]\"");
    assert_eq!(printed("[4e38]"), "\"4e38\" is out of range for type vector");
    assert_eq!(printed("[-INFinite"), "infinite value not allowed in vector");
    assert_eq!(printed("[nano"), "NaN not allowed in vector");
}

#[test]
fn the_order_is_by_numbers_then_by_length() {
    let order = |left: &[f32], right: &[f32]| {
        compare_text(&encode(left.iter().copied()), &encode(right.iter().copied()))
    };
    assert_eq!(order(&[0.0], &[-0.0]), Ordering::Equal);
    assert_eq!(order(&[-2.0], &[-1.0]), Ordering::Less);
    assert_eq!(order(&[1.0], &[1.0, -5.0]), Ordering::Less);
    assert_eq!(order(&[2.0], &[1.0, 9.0]), Ordering::Greater);
}

#[test]
fn every_dimension_is_counted_once() {
    for count in 1..40u16 {
        let values: Vec<f32> = (1..=count).map(f32::from).collect();
        let sum: f32 = values.iter().map(|value| value * value).sum();
        assert_eq!(folded(&values, &values, fused), sum, "{count}");
    }
}
