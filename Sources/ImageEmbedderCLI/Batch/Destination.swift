import ArgumentParser
import BatchEmbedding
import EmbeddingStore
import ImageEmbedding

/// Where vectors go.
enum Destination {
  case standardOutput
  case file(PathBytes)
  case folder(PathBytes)
}

extension EmbedCommand {
  /// Where the options say that vectors go.
  ///
  /// A folder is a name that ends in a slash, or a folder's, or a new one without an ending. An ending that
  /// is no format's is an error: whoever writes `v.parquet` expects Parquet.
  ///
  /// - Throws: `ValidationError` for a name that does not go with the other options.
  func destination() throws -> Destination {
    guard let output = output?.path else { return .standardOutput }
    if isFolder(output) || output.bytes.last == UInt8(ascii: "/") { return .folder(output.trimmed) }
    let ending = output.ending
    let isKnown = ending.flatMap(OutputFormat.init(rawValue:)) != nil
    if let option = batch.folderOption {
      guard ending == nil else {
        throw ValidationError(
          "\(option) goes with a folder, and \(quoted(output.description)) is the name of a file; give"
            + " --output FOLDER, such as \(quoted(output.description + "/"))")
      }
      return .folder(output)
    }
    if format != nil || isKnown || isSpecial(output) { return .file(output) }
    if let ending {
      throw ValidationError(
        "--output \(quoted(output.description)) ends in .\(ending), which is no format of vectors; known"
          + " are \(OutputFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ")), and a name"
          + " without an ending is a folder's")
    }
    return exists(output) ? .file(output) : .folder(output)
  }

  /// How components are stored.
  var storage: ComponentType {
    embedding.quantize ? .int8 : batch.dtype == .float16 ? .float16 : .float32
  }

  /// Opens the output of a run, which may go on where an earlier one ended.
  func openOutput(_ embedder: ImageEmbedder, _ batch: BatchEmbedder) throws -> RunOutput {
    let record = RunRecord(
      embedder.fingerprint(region: embedding.region, rawFrame: embedding.rawFrame),
      storage: storage, model: embedding.model.nameOrPath.path.description,
      computation: Computation(embedder.options), workerCount: batch.workerCount)
    let dimensions = embedder.heads.map(\.dimension)
    let place: RunOutput.Place
    switch try destination() {
    case .standardOutput:
      place = .stream(makeWriter(.standardOutput, dimensions))
    case .file(let path) where isSpecial(path):
      guard chosenFormat != .npy else {
        throw Failure(
          "cannot write \(quoted(path.description)): this format needs a regular file")
      }
      place = .stream(makeWriter(try OutputStream(replacing: path), dimensions))
    case .file(let path):
      try FormerOutput(path: path, format: chosenFormat).check(headCount: dimensions.count)
      place = .file(
        chosenFormat == .npy
          ? try NPYWriter(to: path, dimensions: dimensions, type: storage)
          : RecordedFile(
            makeWriter(try OutputStream(replacing: path), dimensions), path: path))
    case .folder(let path):
      place = .store(try openStore(path, embedder, record))
    }
    return RunOutput(place: place, record: record, shard: self.batch.shard?.shard)
  }

  private func makeWriter(_ stream: OutputStream, _ dimensions: [Int]) -> any RowWriter {
    chosenFormat == .csv
      ? CSVWriter(to: stream, dimension: dimensions.max() ?? 0) : JSONLinesWriter(to: stream)
  }

  private func openStore(
    _ path: PathBytes, _ embedder: ImageEmbedder, _ record: RunRecord
  ) throws -> StoreWriter {
    var content = StoreWriter.Content(
      fingerprint: record.fingerprint, type: storage,
      heads: embedder.heads.map { ($0.name, $0.dimension) })
    content.shard = batch.shard?.shard
    content.rowsPerPart = batch.rowsPerFile ?? content.rowsPerPart
    content.fingerprintOfFirstVersion = embedder.fingerprintOfFirstVersion(
      region: embedding.region, rawFrame: embedding.rawFrame, storedType: storage.rawValue)
    let store = try StoreWriter(
      path, content: content,
      mode: batch.mode,
      details: record.details(.running, Tally()))
    for notice in store.notices { report(notice) }
    if let sync = batch.sync {
      do {
        try StoreSynchronization(list: inputList, isForced: sync == .force).apply(
          to: store, isVerbose: embedding.model.verbose || ProgressDisplay.isTerminal)
      } catch {
        store.details = record.details(.stopped, Tally(), earlierRowCount: store.earlierRowCount)
        try? store.abandon()
        throw error
      }
    }
    return store
  }
}

extension PathBytes {
  /// The path without slashes at its end.
  fileprivate var trimmed: PathBytes {
    let slash = UInt8(ascii: "/")
    return PathBytes(bytes[..<max(1, (bytes.lastIndex { $0 != slash } ?? 0) + 1)])
  }

  /// What a file's name ends in, lowercased and without the dot: a letter, and letters or digits.
  ///
  /// The `5` of `emb_v1.5` is none, nor is a hidden file's name.
  var ending: String? {
    let name = name.bytes
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return nil }
    let ending = String(decoding: name[(dot + 1)...], as: UTF8.self)
    let isEnding =
      ending.first.map { $0.isASCII && $0.isLetter } == true
      && ending.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    return isEnding ? ending.lowercased() : nil
  }
}
