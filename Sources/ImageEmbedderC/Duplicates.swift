// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import BatchEmbedding
public import CImageEmbedder
import DuplicateFinding
import EmbedderPlatform
import EmbedderStorage
import EmbeddingStore
import ImageEmbedding

/// A search for duplicates on a thread of its own, and then what it found.
final class DuplicatesHandle: Handle {
  private struct Progress: Sendable {
    let stage: DuplicateFinder.Stage
    let done: Int
    let total: Int
  }

  private struct State: Sendable {
    var progress: Progress?
    /// What the search led to; `nil` while it goes on.
    var outcome: Result<FoundDuplicates, CallError>?
    /// How often somebody asked for what is going on to end.
    var cancelCount = 0
  }

  private let process = OwnProcess()
  private let state = Locked(State())

  /// Calls `body` with the state, to look or to leave what nobody waits for.
  private static func use<Result>(
    _ state: Locked<State>, _ body: (inout State) -> Result
  ) -> Result {
    state.withLock(wakes: { _ in false }, body)
  }

  /// Begins to look.
  ///
  /// - Throws: ``CallError`` where the system has no thread to give.
  init(_ finder: DuplicateFinder) throws {
    let isStarted = WorkerThread.start { [state] in
      let outcome = Result<FoundDuplicates, CallError> { () throws(CallError) in
        try findingDuplicates { () throws(DuplicateError) in
          FoundDuplicates(
            try finder.find(
              progress: { stage, done, total in
                Self.use(state) {
                  $0.progress = Progress(stage: stage, done: done, total: total)
                }
              },
              isCancelled: { Self.use(state) { $0.cancelCount > 0 } }))
        }
      }
      state.withLock { $0.outcome = outcome }
    }
    guard isStarted else {
      throw OutOfMemory(byteCount: WorkerThread.stackByteCount)
    }
  }

  /// Waits for the end of the search.
  ///
  /// - Parameter seconds: How long; negative without end.
  /// - Throws: ``CallError`` where the end does not come in time, and what ended the search.
  func wait(withinSeconds seconds: Double) throws {
    guard !seconds.isNaN else {
      throw CallError.invalid("timeout_seconds", seconds, needed: "a number of seconds")
    }
    let outcome =
      seconds < 0
      ? state.withLock(when: { $0.outcome != nil }, do: { $0.outcome })
      : state.withLock(when: { $0.outcome != nil }, withinSeconds: seconds, do: { $0.outcome })
        ?? nil
    guard let outcome else {
      throw CallError(
        code: .deadlineExceeded, "the search has not ended within \(seconds) seconds; it goes on")
    }
    _ = try outcome.get()
  }

  /// What was found; `nil` so far, and where the search has failed.
  var found: FoundDuplicates? {
    try? Self.use(state) { $0.outcome }?.get()
  }

  /// How far the search is; `nil` before it has begun.
  func progress() -> (stage: DuplicateFinder.Stage, done: Int, total: Int)? {
    Self.use(state) { $0.progress.map { ($0.stage, $0.done, $0.total) } }
  }

  /// Ends the search, or whatever is done with what it found.
  func cancel() {
    state.withLock { $0.cancelCount += 1 }
  }

  /// Writes a script that moves what was found, but for what is best kept.
  ///
  /// - Returns: The number of pictures that it moves.
  func writeMoveScript(to path: PathBytes) throws -> Int {
    let cancelCount = Self.use(state) { $0.cancelCount }
    guard let found else {
      throw CallError(
        code: .failedPrecondition,
        "nothing was found so far; a search that has ended well is needed")
    }
    return try findingDuplicates { () throws(DuplicateError) in
      let script = try MoveScript(
        found.report,
        isCancelled: { Self.use(state) { $0.cancelCount > cancelCount } })
      try script.write(to: path)
      return script.movedCount
    }
  }

  /// Ends the search, and waits for its threads, which may write beside the store until then.
  func end() {
    guard !process.isForeign else { return process.leakIfForeign(self) }
    cancel()
    state.withLock(when: { $0.outcome != nil }, do: { _ in })
  }

  /// The search at a pointer, which this process began.
  ///
  /// - Throws: ``CallError`` where there is none.
  static func getOwn(_ pointer: OpaquePointer?) throws -> DuplicatesHandle {
    let duplicates = try unsafe get(pointer, "duplicates")
    // A thread that is missing here may have held the lock.
    guard !duplicates.process.isForeign else {
      throw CallError(
        code: .failedPrecondition,
        "the search belongs to the process that began it; one that this process begins is needed")
    }
    return duplicates
  }

  /// What the search at a pointer found; `nil` where there is none, or nothing was found so far.
  static func found(_ pointer: OpaquePointer?) -> FoundDuplicates? {
    try? unsafe getOwn(pointer).found
  }
}

extension DuplicateError {
  /// The canonical code of the error.
  fileprivate var code: StatusCode {
    switch self {
    case .store(let error): error.code
    case .file(let error): error.code
    case .foreignFile: .failedPrecondition
    case .unreadableRefusal: .invalidArgument
    case .outOfMemory: .resourceExhausted
    case .cancelled: .cancelled
    case .search: .unknown
    }
  }
}

/// Calls `body` and gives an error of a search for duplicates its code.
func findingDuplicates<Result>(
  _ body: () throws(DuplicateError) -> Result
) throws(CallError) -> Result {
  do throws(DuplicateError) {
    return try body()
  } catch {
    throw CallError(code: error.code, error.description)
  }
}

/// The stages of a search by their names, which C may keep.
private let stageNames = Dictionary(
  uniqueKeysWithValues: DuplicateFinder.Stage.allCases.map { ($0, CText($0.rawValue)) })

@c @implementation
public func ie_duplicates_find(
  _ store: OpaquePointer?, _ options: UnsafePointer<ie_duplicate_options>?,
  _ duplicates: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe make(duplicates, "duplicates", error) {
    let store = try unsafe StoreHandle.get(store, "store").store
    let (options, head) = try unsafe DuplicateFinder.Options.read(options)
    // An empty store may have no heads.
    guard store.heads.indices.contains(head) || store.count == 0 else {
      let error = StoreError.noHead(index: head, count: store.heads.count)
      throw CallError(code: error.code, error.description)
    }
    return try DuplicatesHandle(DuplicateFinder(store, head: head, options: options))
  }
}

@c @implementation
public func ie_duplicates_find_files(
  _ paths: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int,
  _ options: UnsafePointer<ie_duplicate_options>?,
  _ duplicates: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe make(duplicates, "duplicates", error) {
    let files = try unsafe PathBytes.list(paths, count, "paths", "count")
    let (options, _) = try unsafe DuplicateFinder.Options.read(options, defaultTiers: ofFiles)
    guard options.tiers.isSubset(of: ofFiles) else {
      throw CallError(
        "tiers has more than bytes and pixels, and copies and similar pictures are found by vectors;"
          + " a store of the pictures is needed, or bytes and pixels alone")
    }
    for file in files where try isStore(file) {
      throw CallError(
        "\(quoted(file.description)) is a folder of vectors, not of pictures; open it as a store")
    }
    return try DuplicatesHandle(DuplicateFinder(files: files, options: options))
  }
}

/// What files are compared by where there are no vectors.
private let ofFiles: Set<DuplicateTier> = [.bytes, .pixels]

/// Whether a path leads to a folder of vectors, whose few files would pass for no pictures.
private func isStore(_ path: PathBytes) throws -> Bool {
  guard let status = fileStatus(of: path), status.st_mode & S_IFMT == S_IFDIR else { return false }
  do throws(StoreError) {
    _ = try EmbeddingStore(path)
    return true
  } catch .notAStore {
    return false
  } catch {
    throw CallError(code: error.code, error.description)
  }
}

@c @implementation
public func ie_duplicates_wait(
  _ duplicates: OpaquePointer?, _ timeout: Double,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe perform(error) {
    try unsafe DuplicatesHandle.getOwn(duplicates).wait(withinSeconds: timeout)
  }
}

@c @implementation
public func ie_duplicates_progress(
  _ duplicates: OpaquePointer?, _ stage: UnsafeMutablePointer<UnsafePointer<CChar>?>?,
  _ done: UnsafeMutablePointer<Int>?, _ total: UnsafeMutablePointer<Int>?
) -> ie_status {
  unsafe stage?.pointee = nil
  unsafe done?.pointee = 0
  unsafe total?.pointee = 0
  return perform(nil) {
    guard let progress = try unsafe DuplicatesHandle.getOwn(duplicates).progress() else { return }
    unsafe stage?.pointee = stageNames[progress.stage]?.pointer
    unsafe done?.pointee = progress.done
    unsafe total?.pointee = progress.total
  }
}

@c @implementation
public func ie_duplicates_cancel(_ duplicates: OpaquePointer?) -> ie_status {
  perform(nil) { try unsafe DuplicatesHandle.getOwn(duplicates).cancel() }
}

@c @implementation
public func ie_duplicates_write_move_script(
  _ duplicates: OpaquePointer?, _ path: UnsafePointer<CChar>?,
  _ movedCount: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe movedCount?.pointee = 0
  return unsafe perform(error) {
    let duplicates = try unsafe DuplicatesHandle.getOwn(duplicates)
    let count = try duplicates.writeMoveScript(to: unsafe PathBytes(path))
    unsafe movedCount?.pointee = count
  }
}

@c @implementation
public func ie_duplicates_close(_ duplicates: OpaquePointer?) {
  unsafe DuplicatesHandle.take(duplicates)?.end()
}
