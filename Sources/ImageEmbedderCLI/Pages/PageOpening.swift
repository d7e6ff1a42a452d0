import EmbedderPlatform
import ImageEmbedding

/// Shows pages in the reader's browser.
enum PageOpening {
  #if canImport(Darwin)
  private static let program = "open"
  #else
  private static let program = "xdg-open"
  #endif

  /// The path of a new file for a page that nobody gave a name.
  ///
  /// - Throws: ``Failure`` where the folder for temporary files cannot be written to.
  static func temporaryPage() throws -> PathBytes {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    let ending = ".html"
    var name = Array("\(folder)/image-embedder-XXXXXX\(ending)".utf8CString)
    // Readable for its owner alone: it shows what may be nobody else's business.
    let descriptor = unsafe mkstemps(&name, CInt(ending.utf8.count))
    guard descriptor >= 0 else { throw Failure.system("make a page in", folder) }
    close(descriptor)
    return PathBytes(name.dropLast().map(UInt8.init(bitPattern:)))
  }

  /// Starts the browser, and does not wait for it.
  ///
  /// - Throws: ``Failure`` where there is no program that opens files.
  static func open(_ path: PathBytes) throws {
    // A name that begins with a dash is none of that program's options.
    let target = path.bytes.first == UInt8(ascii: "-") ? PathBytes("./".utf8 + path.bytes) : path
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var process = pid_t()
    let number = unsafe program.withCString { program in
      unsafe target.withCString { target in
        var arguments = unsafe [strdup(program), strdup(target), nil]
        defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
        return unsafe posix_spawnp(&process, program, &actions, nil, &arguments, environ)
      }
    }
    guard number == 0 else {
      errno = number
      let reason = unsafe String(cString: strerror(number))
      throw Failure(
        "cannot show the page with \(program): \(reason); it is \(quoted(path.description)), to be opened"
          + " with a browser (Debian's package xdg-utils has xdg-open)")
    }
  }
}
