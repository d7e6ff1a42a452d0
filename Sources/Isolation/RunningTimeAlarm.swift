import EmbedderPlatform
import Synchronization

/// Ends this process when it has run for a while.
///
/// `alarm` would count the time too that the process was stopped. A timer that comes every second does
/// not: while the process is stopped it comes once at most.
enum RunningTimeAlarm {
  private static let secondsLeft = Atomic(0)

  /// Ends the process after so many seconds, or no longer where there are none.
  static func arm(seconds: Int) {
    secondsLeft.store(seconds, ordering: .relaxed)
    signal(SIGALRM) { number in
      let left = RunningTimeAlarm.secondsLeft.subtract(1, ordering: .relaxed).newValue
      guard left <= 0 else { return }
      signal(number, SIG_DFL)
      raise(number)
    }
    let interval = timeval(tv_sec: seconds > 0 ? 1 : 0, tv_usec: 0)
    var timer = itimerval(it_interval: interval, it_value: interval)
    #if canImport(Glibc)
    _ = unsafe setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
    #else
    _ = unsafe setitimer(ITIMER_REAL, &timer, nil)
    #endif
  }
}
