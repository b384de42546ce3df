//! Reading a row's cells by their place, the same on both databases.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Error, Row};
use uuid::Uuid;

/// A row of either database. The statement says what stands where, so the type of each cell is
/// known and not asked for again; null is `None`.
pub(crate) trait Cells {
    /// A whole number, however many bytes its column has.
    fn integer(&self, at: usize) -> Result<Option<i64>, Error>;
    /// A text, borrowed from the row.
    fn text(&self, at: usize) -> Result<Option<&str>, Error>;
    /// An identity.
    fn uuid(&self, at: usize) -> Result<Option<Uuid>, Error>;
    /// A truth value.
    fn truth(&self, at: usize) -> Result<Option<bool>, Error>;
    /// Bytes, borrowed from the row.
    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, Error>;
}

macro_rules! cells {
    ($($row:ty),+) => {
        $(impl Cells for $row {
            fn integer(&self, at: usize) -> Result<Option<i64>, Error> {
                self.try_get_unchecked(at)
            }
            fn text(&self, at: usize) -> Result<Option<&str>, Error> {
                self.try_get_unchecked(at)
            }
            fn uuid(&self, at: usize) -> Result<Option<Uuid>, Error> {
                self.try_get_unchecked(at)
            }
            fn truth(&self, at: usize) -> Result<Option<bool>, Error> {
                self.try_get_unchecked(at)
            }
            fn bytes(&self, at: usize) -> Result<Option<&[u8]>, Error> {
                self.try_get_unchecked(at)
            }
        })+
    };
}

cells!(SqliteRow, PgRow);
