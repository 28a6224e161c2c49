//! Rows as one value, and back: how a sub-query that reads its siblings in FROM (LATERAL) hands its rows to a
//! table-valued function, whose arguments may read them.
//!
//! A row is the number of its values, then each as a letter and its bytes: integers and reals eight, texts and blobs with
//! their length before them.

use datum::{Stored, StoredValue};
use sqlstate::{DatabaseError, Result};

/// Appends a row.
pub(crate) fn pack(row: &[Stored<'_>], out: &mut Vec<u8>) {
    let bytes = |letter: u8, bytes: &[u8], out: &mut Vec<u8>| {
        out.push(letter);
        out.extend((bytes.len() as u64).to_le_bytes());
        out.extend(bytes);
    };
    out.extend((row.len() as u64).to_le_bytes());
    for value in row {
        match value {
            Stored::Null => out.push(b'n'),
            Stored::Integer(value) => {
                out.push(b'i');
                out.extend(value.to_le_bytes());
            }
            Stored::Real(value) => {
                out.push(b'r');
                out.extend(value.to_le_bytes());
            }
            Stored::Text(value) => bytes(b't', value.as_bytes(), out),
            Stored::Blob(value) => bytes(b'b', value, out),
        }
    }
}

/// The rows of a packed value, in order.
pub(crate) struct Unpacked {
    packed: Vec<u8>,
    at: usize,
}

impl Unpacked {
    pub(crate) fn new(packed: Vec<u8>) -> Unpacked {
        Unpacked { packed, at: 0 }
    }

    fn take(&mut self, count: usize) -> Result<&[u8]> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.packed.len());
        let end = end.ok_or_else(|| DatabaseError::internal("packed rows end early"))?;
        let bytes = &self.packed[self.at..end];
        self.at = end;
        Ok(bytes)
    }

    fn eight(&mut self) -> Result<[u8; 8]> {
        let bytes = self.take(8)?;
        bytes.try_into().map_err(|_| DatabaseError::internal("packed rows end early"))
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(u64::from_le_bytes(self.eight()?))
            .map_err(|_| DatabaseError::internal("packed rows end early"))
    }

    fn row(&mut self) -> Result<Vec<StoredValue>> {
        let width = self.length()?;
        (0..width).map(|_| self.value()).collect()
    }

    fn value(&mut self) -> Result<StoredValue> {
        Ok(match self.take(1)?.first() {
            Some(b'n') => StoredValue::Null,
            Some(b'i') => StoredValue::Integer(i64::from_le_bytes(self.eight()?)),
            Some(b'r') => StoredValue::Real(f64::from_le_bytes(self.eight()?)),
            Some(b't') => {
                let length = self.length()?;
                let text = String::from_utf8(self.take(length)?.to_vec());
                StoredValue::Text(text.map_err(|_| DatabaseError::internal("packed text is no text"))?)
            }
            Some(b'b') => {
                let length = self.length()?;
                StoredValue::Blob(self.take(length)?.to_vec())
            }
            _ => return Err(DatabaseError::internal("no packed rows")),
        })
    }
}

impl Iterator for Unpacked {
    type Item = Result<Vec<StoredValue>>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.at < self.packed.len()).then(|| self.row())
    }
}

/// The rows of several packed values side by side; those of a shorter one are padded with NULL.
pub(crate) struct Zipped {
    sides: Vec<(usize, Unpacked)>,
}

impl Zipped {
    /// The widths of the sides, comma-separated, then the sides.
    pub(crate) fn new(arguments: &[Stored<'_>]) -> Result<Zipped> {
        let broken = || DatabaseError::internal("bedplate_zip needs widths and packed rows");
        let Some((Stored::Text(widths), packed)) = arguments.split_first() else { return Err(broken()) };
        let mut sides = Vec::with_capacity(packed.len());
        for (width, packed) in widths.split(',').zip(packed) {
            let Stored::Blob(packed) = packed else { return Err(broken()) };
            sides.push((width.parse().map_err(|_| broken())?, Unpacked::new(packed.to_vec())));
        }
        Ok(Zipped { sides })
    }
}

impl Iterator for Zipped {
    type Item = Result<Vec<StoredValue>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut row, mut any) = (Vec::new(), false);
        for (width, side) in &mut self.sides {
            match side.next() {
                Some(Ok(values)) => {
                    any = true;
                    row.extend(values);
                }
                Some(Err(error)) => return Some(Err(error)),
                None => row.extend((0..*width).map(|_| StoredValue::Null)),
            }
        }
        any.then_some(Ok(row))
    }
}

#[cfg(test)]
mod tests {
    use super::{Unpacked, pack};
    use datum::{Stored, StoredValue};

    #[test]
    fn rows_come_back_as_they_went() {
        let rows = [
            vec![Stored::Null, Stored::Integer(-5), Stored::Real(0.5)],
            vec![],
            vec![Stored::Text("é"), Stored::Blob(&[0, 255])],
        ];
        let mut packed = Vec::new();
        rows.iter().for_each(|row| pack(row, &mut packed));
        let back: Vec<Vec<StoredValue>> =
            Unpacked::new(packed.clone()).map(Result::unwrap_or_default).collect();
        let wanted: Vec<Vec<StoredValue>> =
            rows.iter().map(|row| row.iter().map(Stored::to_owned).collect()).collect();
        assert_eq!(back, wanted);
        packed.pop();
        assert!(Unpacked::new(packed).any(|row| row.is_err()));
    }
}
