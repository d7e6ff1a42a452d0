import BatchEmbedding
import EmbedderPlatform
import EmbedderStorage
import EmbeddingStore

/// One search for duplicates, step by step.
struct DuplicateSearch {
  let options: DuplicateFinder.Options
  let source: DuplicateFinder.Source
  let threadCount: Int
  let progress: (DuplicateFinder.Stage, Int, Int) -> Void
  let isCancelled: () -> Bool

  var report = DuplicateReport()
  var library: PictureLibrary
  /// What earlier searches have found of pairs, and this one.
  let proofs: ProofCache
  let decoding: PictureDecoding
  /// The SHA-256 of files, where it was needed.
  var fileDigests: [Int: StoredDigest] = [:]
  /// The first picture, of which each is another by its bytes; itself for the others.
  var byteLeader: [Int] = []
  /// The first picture, of which each is another by its bytes or its pixels; itself for the others.
  var leader: [Int] = []
  /// What the small pictures say of pairs of leaders.
  var links = PictureLinks()
  /// Of the many that are nearly equal to one picture, all beyond the first hundred, and that picture.
  ///
  /// They are compared with no other, or thousands of copies would make millions of pairs.
  var crowd: [Int: Int] = [:]
  /// The pairs that were looked at for a group, and are not proven.
  var disproven: Set<PictureLinks.Key> = []
  /// Whether it was told that small pictures could not be stored.
  private var hasObstacle = false
  /// How many are nearly equal to a picture.
  var crowdCounts: [Int: Int] = [:]

  init(
    _ finder: DuplicateFinder,
    progress: @escaping (DuplicateFinder.Stage, Int, Int) -> Void,
    isCancelled: @escaping () -> Bool
  ) {
    options = finder.options
    source = finder.source
    threadCount = max(1, finder.options.threadCount ?? processorCount)
    self.progress = progress
    self.isCancelled = isCancelled
    switch finder.source {
    case .store(let store, _):
      decoding = PictureDecoding(settingsText: store.settingsText)
      library = PictureLibrary(
        count: store.count,
        path: finder.options.storesPictures ? DuplicateFinder.pictureFile(of: store) : nil,
        decoding: decoding)
      proofs = ProofCache(
        finder.options.storesPictures ? DuplicateFinder.proofFile(of: store) : nil)
    case .files:
      decoding = PictureDecoding()
      // How many there are is known when folders have been listed.
      library = PictureLibrary(count: 0, path: nil, decoding: decoding)
      proofs = ProofCache(nil)
    }
  }

  var wantsCopies: Bool { options.tiers.contains(.copies) || options.tiers.contains(.unsure) }
  var wantsPixels: Bool { wantsCopies || options.tiers.contains(.pixels) }

  mutating func run() throws(DuplicateError) -> DuplicateReport {
    try listPictures()
    try compareBytes()
    if wantsPixels {
      if decoding.isRaw {
        report.warnings.append(
          "the pictures are raw frames, which are compared by their bytes and vectors only")
      } else {
        try readPictures()
        try comparePixels()
        library.storeDigests()
      }
    }
    do throws(DuplicateError) {
      if wantsCopies, !decoding.isRaw { try compareTurned() }
      if wantsCopies || options.tiers.contains(.similar) { try compareVectors() }
      try writeReport()
    } catch .cancelled {
      _ = proofs.store(isComplete: false)
      throw .cancelled
    }
    // Where the small pictures could not be stored either, once is enough.
    if let obstacle = proofs.store(isComplete: true), !hasObstacle {
      report.warnings.append("\(obstacle); the pictures are compared again the next time")
    }
    return report
  }

  /// Whether a picture is compared with others, and stands for those that are equal to it.
  func isCompared(_ picture: Int) -> Bool {
    leader[picture] == picture && report.pictures[picture].problem == nil
  }
}

// MARK: Files

extension DuplicateSearch {
  private struct FileIdentity: Hashable {
    let device: UInt64
    let number: UInt64
  }

  /// Lists the pictures, and tells those apart whose files are not what they were.
  private mutating func listPictures() throws(DuplicateError) {
    switch source {
    case .files(let files):
      let folder = PathBytes.currentFolder
      report.pictures = try listed(files).map {
        ComparedPicture(path: $0, absolutePath: $0.absolute(in: folder), row: nil)
      }
      library = PictureLibrary(count: report.pictures.count, path: nil, decoding: decoding)
    case .store(let store, _):
      for row in 0..<store.count {
        if row.isMultiple(of: 1024) { try tell(.files, row, store.count) }
        do throws(StoreError) {
          let stored = try store.row(at: row)
          var picture = ComparedPicture(
            path: stored.path, absolutePath: try store.absolutePath(at: row), row: row)
          picture.width = stored.width
          picture.height = stored.height
          // What it was when it was embedded, until it is looked at.
          picture.stamp = stored.stamp
          report.pictures.append(picture)
        } catch {
          throw .store(error)
        }
      }
    }
    byteLeader = Array(report.pictures.indices)
    var known: [FileIdentity: Int] = [:]
    var repeatedCount = 0
    for number in report.pictures.indices {
      if number.isMultiple(of: 1024) { try tell(.files, number, report.pictures.count) }
      lookAtFile(of: number)
      guard let identity = Self.identity(of: report.pictures[number].absolutePath) else {
        continue
      }
      // One file by two names, or a row that comes twice, is no duplicate of itself.
      if let first = known[identity] {
        byteLeader[number] = first
        report.pictures[number].isRepeated = true
        repeatedCount += 1
      } else {
        known[identity] = number
      }
    }
    if repeatedCount > 0 {
      report.warnings.append(
        "\(repeatedCount) \(repeatedCount == 1 ? "picture is" : "pictures are") named more than once,"
          + " by links or in several rows; each counts once")
    }
    leader = byteLeader
  }

  /// The files that are named, and those in the folders that are.
  private mutating func listed(_ paths: [PathBytes]) throws(DuplicateError) -> [PathBytes] {
    var files: [PathBytes] = []
    for path in paths {
      guard Self.isFolder(path) else {
        files.append(path)
        continue
      }
      var walk = FolderWalk(path, filter: InputFilter(), takesArchives: false)
      while let item = walk.next() {
        if isCancelled() { throw .cancelled }
        switch item.content {
        case .image where item.path.claimsImage: files.append(item.path)
        case .unreadable(let error) where item.path.claimsImage || Self.isFolder(item.path):
          report.warnings.append("\(error)")
        case .image, .unreadable, .passedOver: break
        }
      }
    }
    return files
  }

  private static func isFolder(_ path: PathBytes) -> Bool {
    fileStatus(of: path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
  }

  private mutating func lookAtFile(of number: Int) {
    let path = report.pictures[number].absolutePath
    let former = report.pictures[number].stamp
    guard let stamp = FileStamp(of: path) else {
      report.pictures[number].problem =
        "it is not there any longer; embed --sync removes its row"
      return
    }
    report.pictures[number].stamp = stamp
    if let former, former != stamp {
      report.pictures[number].problem =
        "it has changed since it was embedded; embed --sync embeds it again"
    }
  }

  /// What tells a file from all others; `nil` for what lies inside of an archive.
  private static func identity(of path: PathBytes) -> FileIdentity? {
    guard let status = fileStatus(of: path) else { return nil }
    return FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
  }

  /// Tells how far a stage is, and ends the search where that is wanted.
  func tell(
    _ stage: DuplicateFinder.Stage, _ done: Int, _ total: Int
  ) throws(DuplicateError) {
    progress(stage, done, total)
    if isCancelled() { throw .cancelled }
  }

  /// Digests the files that are of one size, and finds those with the same bytes.
  private mutating func compareBytes() throws(DuplicateError) {
    library.takeKnown(wantedPictures())
    var bySize: [Int: [Int]] = [:]
    for (number, picture) in report.pictures.enumerated() {
      guard picture.problem == nil, !picture.isRepeated, let size = picture.stamp?.byteCount,
        !picture.absolutePath.isInsideOfFile
      else { continue }
      bySize[size, default: []].append(number)
    }
    let candidates = bySize.values.filter { $0.count > 1 }.joined().sorted()
    try digestFiles(candidates)
    var first: [StoredDigest: Int] = [:]
    for number in candidates {
      guard let digest = fileDigests[number] else { continue }
      if let leader = first[digest] {
        byteLeader[number] = leader
      } else {
        first[digest] = number
      }
    }
    leader = byteLeader
  }

  /// Digests files whose digests are not known.
  mutating func digestFiles(_ numbers: [Int]) throws(DuplicateError) {
    var unknown: [(Int, PathBytes)] = []
    for number in numbers where fileDigests[number] == nil {
      if let digest = library.records[number]?.fileDigest {
        fileDigests[number] = digest
      } else {
        unknown.append((number, report.pictures[number].absolutePath))
      }
    }
    var doneCount = 0
    let total = unknown.count
    try forEachInOrder(unknown, threadCount: threadCount, isCancelled: isCancelled) { item in
      (item.0, Result { () throws(FileError) in try PictureDecoding.fileDigest(of: item.1) })
    } _: { (number, result) throws(DuplicateError) in
      doneCount += 1
      progress(.bytes, doneCount, total)
      switch result {
      case .success(let digest):
        fileDigests[number] = digest
        library.setFileDigest(digest, of: number)
      case .failure(let error):
        report.pictures[number].problem = "it cannot be read: \(error)"
      }
    }
  }

  private func wantedPictures() -> [PictureLibrary.Wanted] {
    report.pictures.enumerated().compactMap { number, picture in
      guard picture.problem == nil, !picture.isRepeated, let stamp = picture.stamp else {
        return nil
      }
      return PictureLibrary.Wanted(number: number, path: picture.absolutePath, stamp: stamp)
    }
  }

  /// Has the small pictures of all that is compared.
  private mutating func readPictures() throws(DuplicateError) {
    var missing: [PictureLibrary.Wanted] = []
    for picture in wantedPictures()
    where leader[picture.number] == picture.number && library.records[picture.number] == nil {
      if picture.path.isInsideOfFile {
        report.pictures[picture.number].problem =
          "it is inside of an archive; embed --thumbnails keeps what is needed of it"
      } else {
        missing.append(picture)
      }
    }
    var problems: [(Int, String)] = []
    let (progress, total) = (progress, missing.count)
    let obstacle = try library.read(
      missing, threadCount: threadCount, isCancelled: isCancelled,
      problem: { problems.append(($0, $1)) }, progress: { progress(.pictures, $0, total) })
    if let obstacle { report.warnings.append(obstacle) }
    hasObstacle = obstacle != nil
    for (number, problem) in problems { report.pictures[number].problem = problem }
    // Files were digested before their pictures were known.
    for (number, digest) in fileDigests { library.setFileDigest(digest, of: number) }
    for number in report.pictures.indices {
      guard let record = library.records[leader[number]] else { continue }
      report.pictures[number].width = record.width
      report.pictures[number].height = record.height
      report.pictures[number].format = record.format
      report.pictures[number].isFlat = library.isFlat[leader[number]]
      report.pictures[number].isGray = record.colorfulness < LumaPicture.leastColorfulness
    }
  }
}
