import EmbedderInference
import EmbedderPlatform

/// A worker: a child process at the other end of a socket.
struct WorkerProcess: ~Copyable {
  let processID: pid_t
  private let channel: MessageChannel
  /// Whether the system has been asked how it ended, after which its number may be another's.
  private var hasEnded = false

  /// The argument that makes an executable a worker.
  static let argument = "inference-worker"

  /// Starts `executable` with its standard input on the socket and nothing else of ours.
  init(executable: String) throws(IsolationError) {
    var ends: [CInt] = [0, 0]
    #if canImport(Darwin)
    let made = unsafe socketpair(AF_UNIX, SOCK_STREAM, 0, &ends)
    for end in ends where made == 0 {
      var on: CInt = 1
      _ = unsafe setsockopt(
        end, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<CInt>.size))
      _ = unsafe fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    #else
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let made = unsafe socketpair(AF_UNIX, kind, 0, &ends)
    #endif
    guard made == 0 else {
      throw .cannotStart(executable: executable, reason: lastSystemError(errno))
    }
    let channel = MessageChannel(descriptor: ends[0])
    defer { close(ends[1]) }

    var processID: pid_t = 0
    let status = spawn(executable, [Self.argument], standardInput: ends[1], &processID)
    guard status == 0 else {
      throw .cannotStart(executable: executable, reason: lastSystemError(status))
    }
    self.processID = processID
    self.channel = channel
  }

  deinit {
    guard !hasEnded else { return }
    kill(processID, SIGKILL)
    _ = Self.status(of: processID, 0)
  }

  /// Sends a request and waits for the answer.
  ///
  /// - Parameters:
  ///   - request: What to do.
  ///   - task: The same in words, for errors: `loading the model`.
  ///   - seconds: How long the worker may take.
  /// - Returns: The worker's answer, which is no failure.
  /// - Throws: ``IsolationError``; except for ``IsolationError/runtime(_:message:)`` the worker is then
  ///   of no more use.
  mutating func answer(
    to request: Message, task: String, within seconds: Int
  ) throws(IsolationError) -> Message {
    let time = RunningTime(seconds: seconds)
    var answer: Message
    do throws(MessageChannel.Interruption) {
      try channel.send(request, within: time)
      answer = try channel.receive(within: time)
    } catch {
      switch error {
      case .timedOut: throw .timedOut(task: task, seconds: seconds)
      case .closed: throw ending(during: task)
      case .violation(let error): throw error
      }
    }
    if answer.kind == .failure {
      let kind = try InferenceError.Kind(number: try answer.readInteger())
      throw .runtime(kind, message: try answer.readString())
    }
    return answer
  }

  /// How the worker ended, which has closed its end of the socket.
  private mutating func ending(during task: String) -> IsolationError {
    // Its status comes a moment later. One that lives on without its socket is of no use.
    var status = Self.status(of: processID, WNOHANG)
    for _ in 0..<1000 where status == .running {
      _ = poll(nil, 0, 1)
      status = Self.status(of: processID, WNOHANG)
    }
    if status == .running {
      kill(processID, SIGKILL)
      _ = Self.status(of: processID, 0)
      hasEnded = true
      return .died(task: task, cause: "closed its connection")
    }
    hasEnded = true
    guard case .ended(let status) = status else { return .died(task: task, cause: "ended") }
    let signal = status & 0x7f
    guard signal != 0 else {
      return .died(task: task, cause: "ended with exit status \((status >> 8) & 0xff)")
    }
    if Self.signalsFromOutside.contains(signal) { return .killed(task: task, signal: signal) }
    let names = [
      SIGSEGV: "a memory access violation", SIGBUS: "a bus error", SIGABRT: "an abort",
      SIGILL: "an illegal instruction", SIGFPE: "an arithmetic error", SIGTRAP: "a trap",
      SIGALRM: "taking too long", SIGXCPU: "taking too long",
    ]
    return .died(
      task: task, cause: "died of \(names[signal] ?? "a signal") (signal \(signal))")
  }

  /// The signals that a process gets from others and never by its own doing.
  private static let signalsFromOutside: Set<CInt> = [
    SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2,
  ]

  private enum Status: Equatable {
    case running
    case ended(CInt)
    /// Somebody else has asked for it.
    case unknown
  }

  private static func status(of processID: pid_t, _ options: CInt) -> Status {
    var status: CInt = 0
    while true {
      let found = unsafe waitpid(processID, &status, options)
      if found == processID { return .ended(status) }
      if found == 0 { return .running }
      if errno != EINTR { return .unknown }
    }
  }
}

/// Starts a program whose output goes nowhere; returns an error number.
///
/// The program leads a process group of its own and lets the signals wait that ask a program to end: they
/// are meant for us, who end it by closing its standard input. A terminal sends them to all of a group, and
/// a service manager to all of a service's processes.
private func spawn(
  _ executable: String, _ arguments: [String], standardInput: CInt, _ processID: inout pid_t
) -> CInt {
  #if canImport(Darwin)
  var actions: posix_spawn_file_actions_t?
  #else
  var actions = unsafe posix_spawn_file_actions_t()
  #endif
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
  unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
  unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)

  #if canImport(Darwin)
  var attributes: posix_spawnattr_t?
  #else
  var attributes = posix_spawnattr_t()
  #endif
  unsafe posix_spawnattr_init(&attributes)
  defer { unsafe posix_spawnattr_destroy(&attributes) }
  var blocked = sigset_t()
  unsafe sigemptyset(&blocked)
  for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&blocked, signal) }
  unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
  unsafe posix_spawnattr_setpgroup(&attributes, 0)
  unsafe posix_spawnattr_setflags(
    &attributes, CShort(POSIX_SPAWN_SETPGROUP) | CShort(POSIX_SPAWN_SETSIGMASK))

  var pointers: [UnsafeMutablePointer<CChar>?] = unsafe ([executable] + arguments).map {
    unsafe strdup($0)
  }
  unsafe pointers.append(nil)
  defer {
    for index in unsafe pointers.indices {
      unsafe free(pointers[index])
    }
  }
  return unsafe posix_spawn(
    &processID, executable, &actions, &attributes, pointers, environ)
}

private func lastSystemError(_ number: CInt) -> String {
  unsafe String(cString: strerror(number))
}
