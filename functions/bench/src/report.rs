//! The figures as tables for people.

use crate::measure::Figures;
use crate::subject::RECORDS_API;

/// The interpreted function that this pipeline was first built with: average response of its API at 128 and at
/// 512 MB, in milliseconds, measured on AWS.
const INTERPRETED_MS: [(u32, f64); 2] = [(128, 397.0), (512, 189.0)];

/// A table with right-aligned columns, the first aside.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(names: &[&str]) -> Self {
        Self { rows: vec![names.iter().map(|name| (*name).to_owned()).collect()] }
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().enumerate().map(|(column, cell)| match column {
                0 => format!("{cell:<0$}", widths[0]),
                _ => format!("{cell:>0$}", widths[column]),
            });
            cells.collect::<Vec<_>>().join("  ") + "\n"
        };
        self.rows.iter().map(line).collect()
    }
}

/// All figures. `means` says how shares of a processor were kept to.
pub(crate) fn render(figures: &[Figures], means: &str) -> String {
    let mut text = format!("Start and response, in ms; the processor share of a memory size by {means}\n\n");
    text.push_str(&times(figures));
    for table in
        [Some(starts(figures)), work(figures), objects(figures), side_by_side(figures)].into_iter().flatten()
    {
        text.push('\n');
        text.push_str(&table);
    }
    text
}

fn times(figures: &[Figures]) -> String {
    let mut table = Table::new(&[
        "function",
        "memory",
        "zip MB",
        "init",
        "/ empty",
        "response",
        "/ empty",
        "/ same calls",
        "warm p50",
        "p99",
        "peak MB",
        "calls",
        "connections",
    ]);
    for it in figures {
        let (cold, warm) = (it.cold, &it.warm);
        let calls = warm.calls.values().sum::<u64>() as f64 / warm.invocations as f64;
        table.row([
            it.function.to_owned(),
            memory(it),
            format!("{:.2}", megabytes(it.zip_bytes)),
            format!("{:.1}", cold.init_ms),
            format!("{:.2}", cold.init_ms / cold.empty_init_ms),
            format!("{:.1}", cold.response_ms),
            format!("{:.2}", cold.response_ms / cold.empty_response_ms),
            format!("{:.2}", cold.response_ms / cold.calling_response_ms),
            format!("{:.2}", warm.p50_ms),
            format!("{:.2}", warm.p99_ms),
            format!("{:.1}", megabytes(warm.peak_memory_bytes)),
            format!("{calls:.1}"),
            warm.connections.to_string(),
        ]);
    }
    table.render()
}

fn starts(figures: &[Figures]) -> String {
    let mut table =
        Table::new(&["processor time of a cold start, ms", "memory", "function", "/ empty", "/ same calls"]);
    for it in figures {
        table.row([
            it.function.to_owned(),
            memory(it),
            format!("{:.1}", it.cold.processor_ms),
            format!("{:.2}", it.cold.processor_ms / it.cold.empty_processor_ms),
            format!("{:.2}", it.cold.processor_ms / it.cold.calling_processor_ms),
        ]);
    }
    table.render()
}

fn memory(figures: &Figures) -> String {
    figures.memory.map_or_else(|| "-".to_owned(), |memory| memory.to_string())
}

fn work(figures: &[Figures]) -> Option<String> {
    let mut table =
        Table::new(&["processor time, us a message", "messages", "all", "its AWS calls", "besides"]);
    for (it, work) in figures.iter().filter_map(|it| Some((it, it.work?))) {
        table.row([
            it.function.to_owned(),
            work.messages.to_string(),
            format!("{:.1}", work.function_us),
            format!("{:.1}", work.calls_us),
            format!("{:.1}", work.function_us - work.calls_us),
        ]);
    }
    (table.rows.len() > 1).then(|| table.render())
}

fn objects(figures: &[Figures]) -> Option<String> {
    let mut table = Table::new(&["one object", "MB", "records", "s", "peak MB", "batches in flight"]);
    for (it, object) in figures.iter().filter_map(|it| Some((it, it.object?))) {
        table.row([
            it.function.to_owned(),
            format!("{:.0}", megabytes(object.bytes)),
            object.records.to_string(),
            format!("{:.0}", object.seconds),
            format!("{:.1}", megabytes(object.peak_memory_bytes)),
            object.batches_in_flight.to_string(),
        ]);
    }
    (table.rows.len() > 1).then(|| table.render())
}

/// The API beside the interpreted one, when both memory sizes were measured.
fn side_by_side(figures: &[Figures]) -> Option<String> {
    let mean = |memory: u32| {
        let it = figures.iter().find(|it| it.function == RECORDS_API && it.memory == Some(memory))?;
        Some(it.warm.mean_ms)
    };
    let [(small, small_ms), (large, large_ms)] = INTERPRETED_MS;
    let (own_small, own_large) = (mean(small)?, mean(large)?);
    let mut table = Table::new(&["average response, ms", "128 MB", "512 MB", "saved by memory"]);
    for (name, small_ms, large_ms) in
        [("interpreted, on AWS", small_ms, large_ms), (RECORDS_API, own_small, own_large)]
    {
        table.row([
            name.to_owned(),
            format!("{small_ms:.2}"),
            format!("{large_ms:.2}"),
            format!("{:.0} %", (1.0 - large_ms / small_ms) * 100.0),
        ]);
    }
    Some(table.render())
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["a", "memory"]);
        table.row(["name".to_owned(), "1".to_owned()]);
        assert_eq!(table.render(), "a     memory\nname       1\n");
    }
}
