public import EmbedderStorage
public import EmbeddingStore

/// Finds pictures that are there more than once, and those that are much alike.
///
/// Of a store's vectors come the pairs that may be copies; whether they are, the pictures themselves have to
/// prove, at 64 x 64 pixels, which are kept in a file beside the store, and so is what they prove. Pictures that were turned or
/// mirrored are found without their vectors. Nothing is ever removed or changed.
///
/// ```swift
/// let finder = DuplicateFinder(try EmbeddingStore("embeddings"))
/// let report = try finder.find()
/// for group in report.groups {
///   print(group.tier, group.members.map { report.pictures[$0].path })
/// }
/// ```
public struct DuplicateFinder: Sendable {
  /// What is looked for, and how.
  public struct Options: Sendable {
    /// The tiers that are wanted.
    ///
    /// ``DuplicateTier/unsure`` comes with ``DuplicateTier/copies``.
    public var tiers: Set<DuplicateTier> = [.bytes, .pixels, .copies, .unsure, .similar]
    /// Folders whose pictures are best kept, the most preferred first.
    public var preferredFolders: [PathBytes] = []
    /// Pairs that somebody has looked at and that are not to be named again.
    public var refusals = DuplicateRefusals()
    /// The cosine from which a pair is looked at.
    public var candidateCosine = 0.6
    /// The cosine from which a pair without proof is similar.
    public var similarCosine = 0.9
    /// The threads at work; `nil` for one a processor.
    public var threadCount: Int?
    /// Whether what is learned of the pictures is kept beside the store.
    public var storesPictures = true

    /// Makes the default options.
    public init() {}
  }

  /// What a search is doing.
  public enum Stage: String, Sendable, CaseIterable {
    /// Files are looked at.
    case files = "looking at files"
    /// The bytes of files of one size are compared.
    case bytes = "comparing bytes"
    /// Pictures are decoded that are not known yet.
    case pictures = "reading pictures"
    /// The pixels of pictures are compared that look the same.
    case pixels = "comparing pixels"
    /// The vectors are prepared for being compared.
    case vectors = "preparing vectors"
    /// Pictures are held against each other.
    case proofs = "comparing pictures"
  }

  /// Up to how many members a group has every pair listed.
  public static let largestListedGroup = 100

  let source: Source
  /// What is looked for, and how.
  public var options: Options

  enum Source: Sendable {
    case store(EmbeddingStore, head: Int)
    case files([PathBytes])
  }

  /// Prepares to look among the pictures of a store.
  ///
  /// - Parameters:
  ///   - store: The store. Pictures that are gone or have changed since are told apart and not compared.
  ///   - head: The head whose vectors are compared, from 0.
  ///   - options: What is looked for.
  public init(_ store: EmbeddingStore, head: Int = 0, options: Options = Options()) {
    source = .store(store, head: head)
    self.options = options
  }

  /// Prepares to look among files, without vectors: for equal bytes and equal pixels only.
  ///
  /// - Parameters:
  ///   - files: The files. A folder stands for the files in it, and in the folders in it, whose names end as
  ///     those of images do; what is hidden is left out, and so is what lies in archives.
  ///   - options: What is looked for; tiers that need vectors are left out.
  public init(files: [PathBytes], options: Options = Options()) {
    source = .files(files)
    self.options = options
    self.options.tiers.formIntersection([.bytes, .pixels])
  }

  /// The derived file that keeps a store's small pictures.
  public static func pictureFile(of store: EmbeddingStore) -> PathBytes {
    pictureFile(ofStoreAt: store.path)
  }

  static func pictureFile(ofStoreAt path: PathBytes) -> PathBytes {
    path.appending("derived").appending("thumbnails.luma")
  }

  /// The derived file that keeps what was found of pairs of a store's pictures.
  static func proofFile(of store: EmbeddingStore) -> PathBytes {
    store.path.appending("derived").appending("duplicates.proofs")
  }

  /// Looks for duplicates.
  ///
  /// - Parameters:
  ///   - progress: Called on the calling thread with what is done of a stage, and of how much.
  ///   - isCancelled: Asked now and then on the calling thread whether to give up. What was read and
  ///     proven until then is kept.
  /// - Returns: What was found.
  /// - Throws: ``DuplicateError``, ``DuplicateError/cancelled`` among others.
  public func find(
    progress: (_ stage: Stage, _ done: Int, _ total: Int) -> Void = { _, _, _ in },
    isCancelled: () -> Bool = { false }
  ) throws(DuplicateError) -> DuplicateReport {
    // The search does not outlive this call.
    let result = withoutActuallyEscaping(progress) { progress in
      withoutActuallyEscaping(isCancelled) { isCancelled in
        Result { () throws(DuplicateError) in
          var search = DuplicateSearch(self, progress: progress, isCancelled: isCancelled)
          return try search.run()
        }
      }
    }
    return try result.get()
  }

  /// What a search finds, piece by piece, for tasks.
  public enum Finding: Sendable {
    /// A pair, with the two pictures.
    case pair(DuplicateReport.Pair, ComparedPicture, ComparedPicture)
    /// A group, with its pictures.
    case group(DuplicateReport.Group, [ComparedPicture])
    /// A picture that shows nothing.
    case flat(ComparedPicture)
    /// A picture that could not be compared.
    case failed(ComparedPicture)
  }

  /// What is found, in the order of the report: pairs, groups, flat pictures, failures.
  ///
  /// The search runs on a thread of its own, begins when the sequence is made, and ends early when the
  /// task that reads it is cancelled.
  public var findings: AsyncThrowingStream<Finding, any Error> {
    AsyncThrowingStream { continuation in
      let isCancelled = Locked(false)
      continuation.onTermination = { _ in isCancelled.withLock { $0 = true } }
      let isStarted = WorkerThread.start {
        do throws(DuplicateError) {
          let report = try find(isCancelled: { isCancelled.withLock { $0 } })
          for finding in report.findings { continuation.yield(finding) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      if !isStarted {
        continuation.finish(
          throwing: DuplicateError.outOfMemory(
            OutOfMemory(byteCount: WorkerThread.stackByteCount)))
      }
    }
  }
}

extension DuplicateReport {
  /// What was found, piece by piece: pairs, groups, flat pictures, failures.
  public var findings: [DuplicateFinder.Finding] {
    pairs.map { .pair($0, pictures[$0.a], pictures[$0.b]) }
      + groups.map { .group($0, $0.members.map { pictures[$0] }) }
      + flat.map { .flat(pictures[$0]) } + failed.map { .failed(pictures[$0]) }
  }
}
