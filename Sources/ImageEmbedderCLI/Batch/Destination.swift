import ArgumentParser
import BatchEmbedding
import ImageEmbedding

/// Where vectors go.
enum Destination {
  case standardOutput
  case file(String)
  case folder(EmbeddingFolder)
}

extension EmbedCommand {
  /// Where the options say that vectors go.
  var destination: Destination {
    guard let output else { return .standardOutput }
    guard isOutputFolder else { return .file(output) }
    let path = output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
    return .folder(EmbeddingFolder(path: path, shard: batch.shard?.shard))
  }

  /// A name that ends in a slash, or that is a folder's, or options that only a folder can have, or a new
  /// name that says nothing of a file's format.
  private var isOutputFolder: Bool {
    guard let output else { return false }
    if output.hasSuffix("/") || batch.folderOption != nil || isFolder(output) { return true }
    let hasEnding = output.split(separator: "/").last?.contains(".") ?? false
    return format == nil && !hasEnding && !exists(output)
  }

  /// How components are stored.
  var storage: ComponentType {
    embedding.quantize ? .int8 : batch.dtype == .float16 ? .float16 : .float32
  }

  /// Opens the output of a run, which may go on where an earlier one ended.
  func openOutput(_ embedder: ImageEmbedder, _ batch: BatchEmbedder) throws -> RunOutput {
    let fingerprint = Fingerprint(of: embedder, embedding, storage: storage)
    let model = embedding.model.nameOrPath
    let record = RunRecord(fingerprint, model: model, workerCount: batch.workerCount)
    switch destination {
    case .standardOutput:
      return RunOutput(
        writer: try makeWriter(embedder, output: nil), record: record, recordPath: nil,
        isSingleFile: false)
    case .file(let path):
      let writer = try makeWriter(embedder, output: path)
      return RunOutput(
        writer: writer, record: record, recordPath: isSpecial(path) ? nil : "\(path).run.json",
        isSingleFile: true)
    case .folder(let folder):
      return try openFolder(folder, embedder, record)
    }
  }

  private func makeWriter(_ embedder: ImageEmbedder, output: String?) throws -> any RowWriter {
    let dimensions = embedder.heads.map(\.dimension)
    if chosenFormat == .npy {
      return try NPYWriter(to: output ?? "", dimensions: dimensions, type: storage)
    }
    let stream = try output.map { try OutputStream(replacing: $0) } ?? .standardOutput
    return chosenFormat == .csv
      ? try CSVWriter(to: stream, dimension: dimensions.max() ?? 0) : JSONLinesWriter(to: stream)
  }

  private func openFolder(
    _ folder: EmbeddingFolder, _ embedder: ImageEmbedder, _ record: RunRecord
  ) throws -> RunOutput {
    let dimensions = embedder.heads.map(\.dimension)
    try folder.lockForWriting()
    try check(folder, record)
    try folder.makeFolders(headCount: dimensions.count)
    var record = record
    record.shard = folder.shard
    if batch.resume {
      record.earlier = try EarlierWork(
        in: folder, dimensions: dimensions, type: storage, retriesFailures: batch.retryFailed)
    }
    try record.write(to: folder.record, .running, Tally())
    let writer = try EmbeddingFolderWriter(
      to: folder, dimensions: dimensions, type: storage,
      rowsPerPart: batch.rowsPerFile ?? Self.rowsPerFile)
    return RunOutput(writer: writer, record: record, recordPath: folder.record, isSingleFile: false)
  }

  /// What an interruption at the worst moment costs: a minute or two.
  static let rowsPerFile = 10_000

  /// Throws where the folder holds what this run would spoil.
  private func check(_ folder: EmbeddingFolder, _ record: RunRecord) throws {
    let records = try folder.records()
    for path in records {
      guard let other = try RunRecord.read(path) else { continue }
      guard other.shardCount == folder.shard?.count ?? 1 else {
        throw Failure(
          "\(quoted(folder.path)) holds a run in \(other.shardCount) parts and this is one in"
            + " \(folder.shard?.count ?? 1); the same --shard I/N is needed, or another folder")
      }
      guard other.fingerprint == record.fingerprint.digest else {
        throw Failure(
          "\(quoted(folder.path)) holds vectors made with another model or other options (see"
            + " \(quoted(path))); vectors that differ in that cannot be mixed, so the same options or"
            + " another folder are needed")
      }
    }
    guard !batch.resume else { return }
    let isTaken =
      folder.shard == nil ? try folder.holdsEmbeddings() : records.contains(folder.record)
    guard !isTaken else {
      throw Failure(
        "\(quoted(folder.path)) holds the vectors of another run; give --resume to go on with it, or"
          + " another folder")
    }
  }
}
