import BatchEmbedding
import ImageEmbedding

/// The output of a run: its rows, and the record that says what made them.
struct RunOutput {
  let writer: any RowWriter
  let record: RunRecord
  /// Where the record goes; nowhere for the standard output, pipes and devices.
  let recordPath: String?
  /// Whether the output is one file, which is whole or not there; a folder has parts that are.
  let isSingleFile: Bool
}
