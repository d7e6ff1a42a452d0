import EmbedderPlatform
import EmbedderStorage

/// Addresses for many bytes, whose memory the system gives when they are first written.
@safe
final class ReservedMemory: @unchecked Sendable {
  let start: UnsafeMutableRawPointer
  private let byteCount: Int

  /// Reserves addresses, or gives `nil` where there are none.
  init?(byteCount: Int) {
    let memory = unsafe mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else { return nil }
    #if os(Linux)
    // Large pages: a scan is as fast as memory, and would wait for translations of addresses otherwise.
    unsafe madvise(memory, byteCount, MADV_HUGEPAGE)
    #endif
    unsafe start = memory
    self.byteCount = byteCount
  }

  deinit {
    unsafe munmap(start, byteCount)
  }

  /// Half of the machine's memory: what is larger is read anew for each search.
  static var limit: Int { sysconf(CInt(_SC_PHYS_PAGES)) / 2 * sysconf(CInt(_SC_PAGESIZE)) }
}
