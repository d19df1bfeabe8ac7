//! A row as bytes, before it has a type. One record serves all rows of a source.

use std::ops::Range;

use crate::{
    error::{MAX_VALUE, Problem, RowError},
    table::{Column, Table},
};

/// The columns of a statement or file, in their order.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The table.
    pub(crate) table: Table,
    columns: Vec<Option<Column>>,
}

impl Layout {
    /// Finds the columns by name.
    pub(crate) fn new(table: Table, names: &[String]) -> Result<Self, Problem> {
        let find = |name: &String| {
            let mut all = table.columns().iter().copied();
            all.find(|column| column.name().eq_ignore_ascii_case(name.trim()))
        };
        let columns: Vec<_> = names.iter().map(find).collect();
        let has = |column| columns.contains(&Some(column));
        if has(Column::Password) && !has(Column::PasswordSalt) {
            return Err(Problem::OtherProgram { table });
        }
        for column in table.columns() {
            let count = columns.iter().filter(|found| **found == Some(*column)).count();
            let name = column.name();
            if count > 1 {
                return Err(Problem::DuplicateColumn { table, column: name });
            }
            if count == 0 && table.required().contains(column) {
                return Err(Problem::MissingColumn { table, column: name });
            }
        }
        Ok(Self { table, columns })
    }

    /// The column at a position, if it is read.
    pub(crate) fn get(&self, position: usize) -> Option<Column> {
        self.columns.get(position).copied().flatten()
    }

    /// The number of columns.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }
}

/// The value of a column.
#[derive(Clone, Debug, Default, PartialEq)]
enum Cell {
    #[default]
    Absent,
    Null,
    Value(Range<usize>),
}

/// The values of a row.
pub(crate) struct Record {
    text: Vec<u8>,
    cells: [Cell; Column::COUNT],
    current: Option<(Column, usize)>,
    count: usize,
    /// The first problem of the row.
    pub(crate) error: Option<RowError>,
}

impl Record {
    /// An empty row.
    pub(crate) fn new() -> Self {
        Self {
            text: Vec::new(),
            cells: std::array::from_fn(|_| Cell::Absent),
            current: None,
            count: 0,
            error: None,
        }
    }

    /// Starts a row.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(2 * MAX_VALUE);
        self.cells.fill(Cell::Absent);
        self.current = None;
        self.count = 0;
        self.error = None;
    }

    /// Starts the next value.
    pub(crate) fn begin(&mut self, layout: &Layout) {
        let column = layout.get(self.count);
        self.current = column.map(|column| (column, self.text.len()));
        self.count += 1;
    }

    /// Appends bytes to the current value.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let Some((column, start)) = self.current else { return };
        if self.text.len() - start + bytes.len() > MAX_VALUE {
            self.text.truncate(start);
            self.current = None;
            self.fail(RowError::TooLong(column.name()));
        } else {
            self.text.extend_from_slice(bytes);
        }
    }

    /// Removes a last byte of the current value.
    pub(crate) fn strip(&mut self, byte: u8) {
        if self.current.is_some_and(|(_, start)| self.text.len() > start)
            && self.text.last() == Some(&byte)
        {
            self.text.pop();
        }
    }

    /// Whether the current value has a text.
    pub(crate) fn is(&self, text: &[u8]) -> bool {
        self.current.is_some_and(|(_, start)| self.text.get(start..) == Some(text))
    }

    /// Ends the current value.
    pub(crate) fn end(&mut self) {
        if let Some((column, start)) = self.current.take() {
            self.set(column, Cell::Value(start..self.text.len()));
        }
    }

    /// Ends the current value as null.
    pub(crate) fn end_null(&mut self) {
        if let Some((column, start)) = self.current.take() {
            self.text.truncate(start);
            self.set(column, Cell::Null);
        }
    }

    /// Ends the current value as one that cannot be read.
    pub(crate) fn end_failed(&mut self, error: fn(&'static str) -> RowError) {
        if let Some((column, start)) = self.current.take() {
            self.text.truncate(start);
            self.fail(error(column.name()));
        }
    }

    /// Ends the row, with the number of its values.
    pub(crate) fn finish(&mut self, layout: &Layout) {
        if self.count != layout.len() {
            self.error = Some(RowError::Columns { expected: layout.len(), found: self.count });
        }
    }

    /// Stores a value as a whole, for databases.
    pub(crate) fn put(&mut self, layout: &Layout, value: Option<&[u8]>) {
        self.begin(layout);
        if let Some(value) = value {
            self.push(value);
            self.end();
        } else {
            self.end_null();
        }
    }

    fn set(&mut self, column: Column, cell: Cell) {
        if let Some(place) = self.cells.get_mut(column as usize) {
            *place = cell;
        }
    }

    fn fail(&mut self, error: RowError) {
        self.error.get_or_insert(error);
    }

    /// The bytes of a column. Absent and null are `None`.
    pub(crate) fn bytes(&self, column: Column) -> Option<&[u8]> {
        match self.cells.get(column as usize) {
            Some(Cell::Value(range)) => self.text.get(range.clone()),
            _ => None,
        }
    }
}
