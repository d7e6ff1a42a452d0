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
  /// - Parameter report: What was found; its groups of duplicates count, those of similar pictures do not.
  /// - Throws: ``DuplicateError/file(_:)`` for a file that cannot be read any longer.
  public init(_ report: DuplicateReport) throws(DuplicateError) {
    var checks: [UInt8] = []
    var moves: [UInt8] = []
    var count = 0
    for group in report.groups where group.tier.isDuplicate {
      let keep = report.pictures[group.keep]
      moves += Array(
        "\n# Group \(group.number), \(group.tier.rawValue): kept since \(group.reason)\n".utf8)
      moves += Array("#   ".utf8) + Self.comment(keep.absolutePath) + [0x0a]
      checks += Array("check \(try Self.digest(of: keep)) ".utf8) + Self.quoted(keep) + [0x0a]
      for member in group.members where member != group.keep {
        let picture = report.pictures[member]
        checks +=
          Array("check \(try Self.digest(of: picture)) ".utf8) + Self.quoted(picture) + [0x0a]
        moves += Array("move ".utf8) + Self.quoted(picture) + [0x0a]
        count += 1
      }
    }
    bytes =
      Array(Self.start(count).utf8) + checks
      + Array("[ \"$failed\" = 0 ] || { echo 'nothing was moved' >&2; exit 1; }\n".utf8) + moves
    movedCount = count
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

  private static func start(_ count: Int) -> String {
    """
    #!/bin/sh
    # Moves \(count) duplicates into a folder: sh SCRIPT FOLDER
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
}
