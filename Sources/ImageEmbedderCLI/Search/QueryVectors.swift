import EmbeddingStore
import ImageEmbedding

/// Finds the vectors of queries: those that are stored, and of other images those that the store's own model
/// makes with the store's own options.
final class QueryVectors {
  private let store: EmbeddingStore
  private let head: Int
  /// The model that the command line names, in place of the record's.
  private let model: PathBytes?
  private let liteRtPath: PathBytes?
  /// The library of the accelerator that the record names, if it names one.
  private let acceleratorLibraryPath: PathBytes?
  private let isVerbose: Bool
  /// Whether there are so many queries that an index of the stored paths is worth while.
  private let isForMany: Bool
  private var embedder: ImageEmbedder?
  private var settings: RecordedSettings?

  init(
    _ store: EmbeddingStore, head: Int, model: PathBytes?, liteRtPath: PathBytes?,
    acceleratorLibraryPath: PathBytes?, isVerbose: Bool, isForMany: Bool
  ) {
    self.store = store
    self.head = head
    self.model = model
    self.liteRtPath = liteRtPath
    self.acceleratorLibraryPath = acceleratorLibraryPath
    self.isVerbose = isVerbose
    self.isForMany = isForMany
  }

  /// The vector of a query.
  ///
  /// - Throws: ``Failure`` for an image that is not stored and cannot be embedded, and for a sum without a
  ///   direction.
  func vector(of query: SearchQuery) throws -> FeatureVector {
    if query.onlyPath != nil { return try vector(of: query.terms[0].path) }
    var sum: [Double] = []
    for term in query.terms {
      let vector = try vector(of: term.path)
      let components =
        vector.floats.map { $0.map(Double.init) }
        ?? vector.quantizedValues.map { $0.map(Double.init) } ?? []
      let length = components.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0, length.isFinite else {
        throw Failure(
          "the vector of \(quoted(term.path.description)) has no direction, since it is all zeros or has"
            + " components that are no numbers; leave that image out")
      }
      if sum.isEmpty { sum = Array(repeating: 0, count: components.count) }
      for index in sum.indices { sum[index] += term.weight * (components[index] / length) }
    }
    let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // What is left of pictures that cancel out are rounding errors, which point anywhere.
    let weight = query.terms.reduce(0) { $0 + abs($1.weight) }
    guard length > 1e-6 * weight else {
      throw Failure(
        "the queries cancel out: nothing is left of their sum; give other images or weights")
    }
    return .float(sum.map { Float($0 / length) })
  }

  private func vector(of path: PathBytes) throws -> FeatureVector {
    if let row = try storedRow(of: path) {
      let stored = try store.row(at: row)
      if hasChanged(stored, at: try store.absolutePath(at: row)) {
        report(
          "\(quoted(path.description)) has changed since it was embedded; its stored vector is used,"
            + " and embed --sync makes a new one")
      }
      return try store.vector(at: row, head: head)
    }
    let (embedder, settings) = try ready(for: path)
    let content: ImageSource.Content =
      if let frame = settings.rawFrame { .rawFile(path, frame) } else { .file(path) }
    let image: EmbeddingResult
    do {
      image = try embedder.embed(ImageSource(content, region: settings.region))
    } catch {
      throw Failure(
        "\(error.message(for: path)); a query is an image file, or a path that is stored in"
          + " \(quoted(store.path.description))")
    }
    for warning in image.warnings { report("\(quoted(path.description)): \(warning)") }
    return image.embeddings[head].featureVector
  }

  /// The first row of a stored path.
  private func storedRow(of path: PathBytes) throws -> Int? {
    let rows = isForMany ? try store.rows(of: path) : try store.rowsByReading(of: path)
    if let row = rows.first { return row }
    // Answers name images as they were given to the run, perhaps from another folder.
    guard !exists(path), path.bytes.first != UInt8(ascii: "/") else { return nil }
    for folder in store.rowFolders {
      let path = folder.appending(path)
      let rows = isForMany ? try store.rows(of: path) : try store.rowsByReading(of: path)
      if let row = rows.first { return row }
    }
    return nil
  }

  // MARK: Embedding

  private func ready(
    for path: PathBytes
  ) throws -> (embedder: ImageEmbedder, settings: RecordedSettings) {
    if let embedder, let settings { return (embedder, settings) }
    let folder = quoted(store.path.description)
    let settings: RecordedSettings
    do throws(RecordedSettings.Defect) {
      settings = try RecordedSettings(store.settingsText)
    } catch {
      throw Failure(
        "\(quoted(path.description)) is not stored in \(folder), and cannot be embedded as its images"
          + " were: of the settings in run.json \(error); use the version that made it, or embed the images"
          + " anew into another folder")
    }
    let embedder = try makeEmbedder(settings)
    guard settings.areMet(by: embedder, fingerprint: store.fingerprint) else {
      throw Failure(mismatch(embedder, settings))
    }
    self.embedder = embedder
    self.settings = settings
    return (embedder, settings)
  }

  private func makeEmbedder(_ settings: RecordedSettings) throws -> ImageEmbedder {
    guard let name = model ?? recordedModel else {
      throw Failure(
        "run.json in \(quoted(store.path.description)) names no model; give it with --model, the one"
          + " whose SHA-256 is \(settings.modelDigest)")
    }
    var options = settings.options
    options.model = ModelSource(name)
    options.liteRtPath = liteRtPath
    if options.accelerator != .cpu { options.acceleratorLibraryPath = acceleratorLibraryPath }
    do {
      return try RuntimeLog.hidden(unless: isVerbose, forGood: options.accelerator == .gpu) {
        () throws(EmbedderError) in
        try ImageEmbedder(options: options)
      }
    } catch {
      let failure = Failure(loadingModel: error).description
      guard case .modelFile = error else { throw Failure(failure) }
      throw Failure(
        "\(failure); the vectors in \(quoted(store.path.description)) were made by \(quoted(name.description)),"
          + " whose SHA-256 is \(settings.modelDigest): give its place with --model")
    }
  }

  /// The model that the record names, where it was found by the run.
  private var recordedModel: PathBytes? {
    guard let model = store.model else { return nil }
    let isBuiltIn = model.text.flatMap(BuiltInModel.init(rawValue:)) != nil
    guard !isBuiltIn, !exists(model), model.bytes.first != UInt8(ascii: "/"),
      let folder = store.modelFolder
    else { return model }
    return folder.appending(model)
  }

  private func mismatch(_ embedder: ImageEmbedder, _ settings: RecordedSettings) -> String {
    let folder = quoted(store.path.description)
    let digest = embedder.modelDigest().description
    guard digest == settings.modelDigest else {
      return
        "the model \(quoted(embedder.options.model.description)) is not the one that made the vectors in"
        + " \(folder): its SHA-256 is \(digest), and \(settings.modelDigest) is needed; give that model with"
        + " --model, or embed the images anew"
    }
    let found = embedder.fingerprint(region: settings.region, rawFrame: settings.rawFrame)
    return
      "vectors made here are not those in \(folder): their settings would be \(found.settingsText), and"
      + " run.json says \(store.settingsText); use the version that made them, or embed the images anew"
  }
}
