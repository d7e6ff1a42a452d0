import EmbedderPlatform
package import EmbedderStorage

/// A shell pattern for the names of files: `*.jpg`, `2024/*`, `IMG_????.*`.
///
/// A pattern without a slash is held against a file's name, one with a slash against its path below the
/// folder that was given, where `*` stands for slashes too. Case does not matter.
public struct GlobPattern: Hashable, Sendable {
  private let pattern: PathBytes
  private let hasSlash: Bool

  /// Makes a pattern of its text.
  public init(_ text: String) {
    pattern = PathBytes(text).lowercased
    hasSlash = text.utf8.contains(UInt8(ascii: "/"))
  }

  /// Whether the pattern fits a path below the folder that was given.
  func matches(_ path: PathBytes) -> Bool {
    let subject = (hasSlash ? path : path.name).lowercased
    return unsafe pattern.withCString { pattern in
      unsafe subject.withCString { subject in unsafe fnmatch(pattern, subject, 0) == 0 }
    }
  }
}

extension PathBytes {
  fileprivate var lowercased: PathBytes {
    PathBytes(bytes.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 })
  }
}

/// Which of the files in folders and archives are taken.
public struct InputFilter: Hashable, Sendable {
  /// What a file must match, one of them; all files where there are none.
  public var includes: [GlobPattern] = []
  /// What a file, or a folder with everything in it, must not match.
  public var excludes: [GlobPattern] = []

  /// Makes a filter that takes every file.
  public init() {}

  /// The folders and files that systems and programs keep for themselves.
  private static let systemNames: Set<PathBytes> = [
    "@eaDir", "@Recycle", "#recycle", "#snapshot", "$RECYCLE.BIN", "System Volume Information",
    "lost+found", "__MACOSX",
  ]

  /// Whether nobody means this by naming the folder that it is in: it is hidden, or a system's own.
  package func ignores(name: PathBytes) -> Bool {
    name.bytes.first == UInt8(ascii: ".") || Self.systemNames.contains(name)
  }

  /// Whether every file is taken.
  package var takesAll: Bool { includes.isEmpty && excludes.isEmpty }

  /// Whether a file is taken whose path is not known to lie below a certain folder, such as a stored one.
  ///
  /// A pattern with a slash fits where it fits the path below any of the folders that the path names; what
  /// leaves out a folder leaves out what is below it.
  package func takes(storedPath path: PathBytes) -> Bool {
    let slash = UInt8(ascii: "/")
    let places = path.bytes.indices.filter { path.bytes[$0] == slash }
    let starts = [0] + places.map { $0 + 1 }
    func fits(_ pattern: GlobPattern, endingAt end: Int) -> Bool {
      starts.contains { $0 < end && pattern.matches(PathBytes(path.bytes[$0..<end])) }
    }
    let end = path.bytes.count
    let isIncluded = includes.isEmpty || includes.contains { fits($0, endingAt: end) }
    return isIncluded
      && !excludes.contains { pattern in
        (places + [end]).contains { fits(pattern, endingAt: $0) }
      }
  }

  /// Whether a file is taken, by its path below the folder that was given.
  package func takes(_ path: PathBytes) -> Bool {
    (includes.isEmpty || includes.contains { $0.matches(path) }) && !excludesAll(of: path)
  }

  /// Whether a folder is left out with everything in it, or a file.
  package func excludesAll(of path: PathBytes) -> Bool {
    excludes.contains { $0.matches(path) }
  }
}
