import EmbedderPlatform
import EmbedderStorage
import EmbeddingStore

/// The rows of a store as signed bytes, block by block: from memory, from the file beside the store, or made
/// from the store's rows.
///
/// The file is copied into memory and never mapped: when somebody cuts or changes it, a block's checksum
/// does not fit, and the block is made from the store instead. The first search goes through small
/// buffers, as a command needs that searches once; from the second on blocks stay in memory.
@safe
final class RowBlocks: Sendable {
  let layout: BlockLayout
  private let store: EmbeddingStore
  private let head: Int
  private let file: IndexFile?
  /// Where the blocks of each part begin in the file.
  private let fileStarts: [Int?]
  /// All blocks one behind the other; `nil` where they do not fit.
  private let memory: ReservedMemory?
  private let state: Locked<State>

  private enum BlockState: UInt8 { case absent, beingRead, present }

  private struct State {
    var passCount = 0
    var blocks: [BlockState]
  }

  init(_ store: EmbeddingStore, head: Int, layout: BlockLayout, file: IndexFile?) {
    self.store = store
    self.head = head
    self.layout = layout
    self.file = file
    let identities = store.partIdentities(head: head)
    fileStarts =
      identities?.map { file?.start(of: $0) } ?? store.partRowCounts.map { _ in nil }
    memory =
      layout.byteCount > 0 && layout.byteCount <= ReservedMemory.limit
      ? ReservedMemory(byteCount: layout.byteCount) : nil
    state = Locked(State(blocks: Array(repeating: .absent, count: layout.blocks.count)))
  }

  /// One thread's way over blocks.
  @safe
  struct Pass: ~Copyable {
    private let owner: RowBlocks
    private let keepsBlocks: Bool
    private var buffer: AlignedBuffer

    fileprivate init(_ owner: RowBlocks, keepsBlocks: Bool) throws(SearchError) {
      self.owner = owner
      self.keepsBlocks = keepsBlocks
      do {
        buffer = try AlignedBuffer(byteCount: owner.layout.blockByteCount)
      } catch {
        throw .outOfMemory(error)
      }
    }

    /// Calls `body` with a block.
    mutating func withBlock<Result>(
      _ number: Int, _ body: (BlockBytes) throws(SearchError) -> Result
    ) throws(SearchError) -> Result {
      let block = owner.layout.blocks[number]
      let stride = owner.layout.stride
      if let memory = owner.memory {
        let bytes = unsafe BlockBytes(
          block, stride: stride, at: memory.start + owner.layout.starts[number])
        if try owner.isPresent(number, bytes, keepsBlocks: keepsBlocks) { return try body(bytes) }
      }
      let bytes = unsafe BlockBytes(block, stride: stride, at: buffer.baseAddress)
      try owner.fill(bytes)
      return try body(bytes)
    }
  }

  /// Whether the next passes should leave blocks in memory; asked once for all threads of a search.
  func beginSearch() -> Bool {
    state.withLock { state in
      state.passCount += 1
      return state.passCount > 1 || file == nil
    }
  }

  func pass(keepsBlocks: Bool) throws(SearchError) -> Pass {
    try Pass(self, keepsBlocks: keepsBlocks)
  }

  /// Whether a block is in memory, after putting it there if that is wanted and nobody else does.
  private func isPresent(
    _ number: Int, _ bytes: BlockBytes, keepsBlocks: Bool
  ) throws(SearchError) -> Bool {
    let found = state.withLock { state in
      let found = state.blocks[number]
      if found == .absent, keepsBlocks { state.blocks[number] = .beingRead }
      return found
    }
    guard found == .absent, keepsBlocks else { return found == .present }
    do throws(SearchError) {
      try fill(bytes)
    } catch {
      state.withLock { $0.blocks[number] = .absent }
      throw error
    }
    state.withLock { $0.blocks[number] = .present }
    return true
  }

  private func fill(_ bytes: BlockBytes) throws(SearchError) {
    let block = bytes.block
    if let file, let start = fileStarts[block.part],
      unsafe file.read(block.byteCount, at: start + block.offset, into: bytes.start), bytes.isWhole
    {
      return
    }
    do throws(StoreError) {
      bytes.fill(
        with: try store.vectors(
          in: block.firstRow..<block.firstRow + block.rowCount, head: head))
    } catch {
      throw .store(error)
    }
  }
}
