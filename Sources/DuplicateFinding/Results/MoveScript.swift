import EmbedderStorage
import EmbeddingStore

/// A script for POSIX shells that moves all duplicates but the kept ones into a folder.
///
/// It is to be read before it is run. Before anything is moved, every file is held against its SHA-256, those
/// that stay as well; one that differs ends the script. Nothing is deleted or replaced, and each file keeps
/// its path below the folder that it is moved to.
public struct MoveScript: Sendable {
  /// The text, whose paths need not be UTF-8.
  public let bytes: [UInt8]

  /// The files that are moved.
  public let movedCount: Int

  /// Writes a script.
  ///
  /// Files whose digests nobody needed so far are read for it.
  ///
  /// - Parameters:
  ///   - report: What was found; its groups of duplicates count, those of similar pictures do not.
  ///   - isCancelled: Asked between files whether to give up.
  /// - Throws: ``DuplicateError/file(_:)`` for a file that cannot be read any longer;
  ///   ``DuplicateError/cancelled``.
  public init(
    _ report: DuplicateReport, isCancelled: () -> Bool = { false }
  ) throws(DuplicateError) {
    var moved: Set<Int> = []
    for group in report.groups where group.tier.isDuplicate {
      moved.formUnion(group.members.filter { $0 != group.keep })
    }
    try self.init(report, moving: moved, isCancelled: isCancelled)
  }

  /// Writes a script that moves some pictures.
  ///
  /// - Parameters:
  ///   - report: What was found. Groups of which nothing is moved are left out, and of a group of which all
  ///     would be moved, nothing is.
  ///   - moved: The numbers of the pictures to be moved.
  ///   - isCancelled: Asked between files whether to give up.
  /// - Throws: ``DuplicateError/file(_:)`` for a file that cannot be read any longer;
  ///   ``DuplicateError/cancelled``.
  package init(
    _ report: DuplicateReport, moving moved: Set<Int>, isCancelled: () -> Bool = { false }
  ) throws(DuplicateError) {
    var lines = Lines()
    for group in report.groups {
      let kept = group.members.filter { !moved.contains($0) }
      guard !kept.isEmpty, kept.count < group.members.count else { continue }
      lines.begin(group, keepsAdvised: kept.contains(group.keep))
      for member in kept {
        if isCancelled() { throw .cancelled }
        lines.keep(try Entry(report.pictures[member]), member)
      }
      for member in group.members where moved.contains(member) {
        if isCancelled() { throw .cancelled }
        lines.move(try Entry(report.pictures[member]), member)
      }
    }
    bytes = lines.bytes
    movedCount = lines.moved.count
  }

  /// What a script says of one picture, line by line.
  package struct Entry: Sendable {
    /// The line that holds the file against its digest.
    package let check: [UInt8]
    /// The line that moves it.
    package let move: [UInt8]
    /// The line that names it among those that stay.
    package let comment: [UInt8]

    /// Makes the lines of a picture, whose file is read where its digest is not known yet.
    package init(_ picture: ComparedPicture) throws(DuplicateError) {
      let path = MoveScript.quoted(picture)
      check = Array("check \(try MoveScript.digest(of: picture)) ".utf8) + path + [0x0a]
      move = Array("move ".utf8) + path + [0x0a]
      comment = Array("#   ".utf8) + MoveScript.comment(picture.absolutePath) + [0x0a]
    }
  }

  /// The line above what is moved of a group.
  package static func title(of group: DuplicateReport.Group, keepsAdvised: Bool) -> String {
    let reason = keepsAdvised ? "kept since \(group.reason)" : "kept by choice"
    return "\n# Group \(group.number), \(group.tier.rawValue): \(reason)\n"
  }

  /// What stands in front of the number of files, behind it up to the checks, and behind the checks.
  package static let frame = (
    beforeCount: beforeCount, beforeChecks: afterCount,
    afterChecks: "[ \"$failed\" = 0 ] || { echo 'nothing was moved' >&2; exit 1; }\n"
  )

  /// The lines of a script, as they come together.
  private struct Lines {
    private var checks: [UInt8] = []
    private var moves: [UInt8] = []
    private var checked: Set<Int> = []
    private(set) var moved: Set<Int> = []

    mutating func begin(_ group: DuplicateReport.Group, keepsAdvised: Bool) {
      moves += MoveScript.title(of: group, keepsAdvised: keepsAdvised).utf8
    }

    mutating func keep(_ entry: Entry, _ number: Int) {
      if checked.insert(number).inserted { checks += entry.check }
      moves += entry.comment
    }

    mutating func move(_ entry: Entry, _ number: Int) {
      if checked.insert(number).inserted { checks += entry.check }
      // A picture that is in a group of duplicates and in one of similar pictures is moved once.
      if moved.insert(number).inserted { moves += entry.move }
    }

    var bytes: [UInt8] {
      let frame = MoveScript.frame
      return Array("\(frame.beforeCount)\(moved.count)\(frame.beforeChecks)".utf8) + checks
        + Array(frame.afterChecks.utf8) + moves
    }
  }

  private static func digest(of picture: ComparedPicture) throws(DuplicateError) -> SHA256Digest {
    if let digest = picture.digest { return digest }
    do throws(FileError) {
      return try PictureDecoding.fileDigest(of: picture.absolutePath).digest
    } catch {
      throw .file(error)
    }
  }

  /// A path as one word of the shell.
  private static func quoted(_ picture: ComparedPicture) -> [UInt8] {
    let quote = UInt8(ascii: "'")
    let inside = picture.absolutePath.bytes.flatMap { $0 == quote ? Array("'\\''".utf8) : [$0] }
    return [quote] + inside + [quote]
  }

  /// A path in a comment, which a newline would end.
  private static func comment(_ path: PathBytes) -> [UInt8] {
    path.bytes.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: "?") : $0 }
  }

  private static let beforeCount = "#!/bin/sh\n# Moves "

  private static let afterCount = """
     duplicates into a folder: sh SCRIPT FOLDER
    # Written by image-embedder duplicates. Read it, and take out what is to stay where it is.
    # All files are checked before the first is moved; nothing is deleted or replaced.
    set -eu
    [ "$#" = 1 ] || { echo "usage: sh $0 FOLDER" >&2; exit 64; }
    target=$1
    failed=0

    if command -v sha256sum >/dev/null; then digest() { sha256sum; }; else digest() { shasum -a 256; }; fi

    check() {
      [ -f "$2" ] || { printf '%s\\n' "not there: $2" >&2; failed=1; return 0; }
      found=$(digest <"$2") || found=
      [ "${found%% *}" = "$1" ] || { printf '%s\\n' "has changed: $2" >&2; failed=1; }
      if [ -e "$target$2" ] || [ -L "$target$2" ]; then
        printf '%s\\n' "is there already: $target$2" >&2; failed=1
      fi
    }

    move() {
      mkdir -p "$target${1%/*}"
      if [ -e "$target$1" ] || [ -L "$target$1" ]; then
        printf '%s\\n' "is there already: $target$1" >&2; exit 1
      fi
      mv "$1" "$target$1"
    }


    """
}
