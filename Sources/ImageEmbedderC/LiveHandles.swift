import EmbedderPlatform

/// The objects that C holds.
///
/// C does not hold their addresses, which the system gives out again, but numbers in the shape of
/// pointers, none of them given twice: what was destroyed is never taken for something that lives,
/// whoever asks and when, as the finalizers of garbage collectors do.
///
/// The mutex is held across a fork, so that no thread that is missing in the child holds it there.
@safe
final class LiveHandles: @unchecked Sendable {
  /// All of this process.
  static let all = LiveHandles()

  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var objects: [UInt: any Handle] = [:]
  /// Some runtimes refuse pointers into the first pages.
  private var lastNumber: UInt = 1 << 16

  private init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    pthread_atfork(
      { unsafe pthread_mutex_lock(LiveHandles.all.mutex) },
      { unsafe pthread_mutex_unlock(LiveHandles.all.mutex) },
      { unsafe pthread_mutex_unlock(LiveHandles.all.mutex) })
  }

  /// Keeps an object until it is taken out.
  ///
  /// - Returns: Its number.
  func add(_ object: any Handle) -> OpaquePointer? {
    let number = withLock {
      repeat { lastNumber &+= 1 } while lastNumber == 0 || objects[lastNumber] != nil
      objects[lastNumber] = object
      return lastNumber
    }
    return unsafe OpaquePointer(bitPattern: number)
  }

  /// The object with a number, if it is alive.
  func find(_ pointer: OpaquePointer?) -> (any Handle)? {
    let number = UInt(bitPattern: pointer)
    return withLock { objects[number] }
  }

  /// Takes an object out, if it is there and of a type.
  ///
  /// - Returns: The object, which is freed with the last reference to it, outside of the lock.
  func remove<Object: Handle>(_ pointer: OpaquePointer?, as _: Object.Type) -> Object? {
    let number = UInt(bitPattern: pointer)
    return withLock {
      guard let object = objects[number] as? Object else { return nil }
      objects[number] = nil
      return object
    }
  }

  private func withLock<Result>(_ body: () -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }
}
