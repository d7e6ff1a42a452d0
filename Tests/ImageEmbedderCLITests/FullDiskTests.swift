import EmbedderTestSupport
import Foundation
import Testing

/// A disk of 64 KiB, which only the superuser can make.
enum SmallDisk {
  static let absence: Comment = "mounting a small disk (tmpfs) needs root on Linux"

  /// Whether a disk can be mounted here, by trying.
  static let isPossible = (try? with { _ in true }) ?? false

  struct CannotMount: Error {}

  /// Calls `body` with the folder in which the disk is mounted, and removes it afterwards.
  static func with<Result>(_ body: (_ folder: String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let mount = try CommandLineRunner.shell(
        #"mount -t tmpfs -o size=64k image-embedder-tests "$1""#, [folder])
      guard mount.ending == .exit(status: 0) else { throw CannotMount() }
      defer { _ = try? CommandLineRunner.shell(#"umount "$1""#, [folder]) }
      return try body(folder)
    }
  }
}

@Suite(
  "A full disk", .enabled(if: Fixtures.hasLiteRt, Absence.runtime),
  .enabled(if: SmallDisk.isPossible, SmallDisk.absence))
struct FullDiskTests {
  /// `count` names of one picture, each of which makes 9 KiB of NPY and more of text.
  static func arguments(_ picture: String, count: Int, output: String) -> [String] {
    ["embed", "--model", Fixtures.model("identity_uint8_32x24"), "--output", output]
      + Array(repeating: picture, count: count)
  }

  @Test(
    "is one error, and nothing of the output is left",
    arguments: ["v.jsonl", "v.csv", "v.npy"], [20, 200])
  func nothingLeft(name: String, count: Int) throws {
    try Pictures.withPicture { _, picture in
      try SmallDisk.with { disk in
        let run = try imageEmbedder(
          Self.arguments(picture, count: count, output: "\(disk)/\(name)"))
        run.expectStop(naming: ["'\(disk)/\(name)'", "No space left on device"])
        #expect(try names(in: disk) == [])
      }
    }
  }

  @Test("leaves the output of a former run as it was", arguments: ["v.jsonl", "v.csv"])
  func formerOutput(name: String) throws {
    try Pictures.withPicture { _, picture in
      try SmallDisk.with { disk in
        let path = "\(disk)/\(name)"
        try imageEmbedder(Self.arguments(picture, count: 1, output: path)).expectSuccess()
        let former = try contents(of: path)
        let run = try imageEmbedder(Self.arguments(picture, count: 20, output: path))
        run.expectStop(naming: ["No space left on device"])
        #expect(try contents(of: path) == former)
        #expect(try names(in: disk) == [name, "\(name).run.json"])
      }
    }
  }

  @Test("never leaves names of rows beside an array of a former run")
  func formerArray() throws {
    try Pictures.withPicture { _, picture in
      try SmallDisk.with { disk in
        let path = "\(disk)/v.npy"
        try imageEmbedder(Self.arguments(picture, count: 3, output: path)).expectSuccess()
        // 55 KiB fit into the program's own buffer, so that the end of the disk is met at the end.
        let run = try imageEmbedder(Self.arguments(picture, count: 6, output: path))
        run.expectStop(naming: ["'\(path)'", "No space left on device"])
        let rowCount = try NPYFile(contentsOf: path).shape[0]
        let nameCount = try text(of: "\(path).rows.jsonl").split(separator: "\n").count
        #expect(try names(in: disk) == ["v.npy", "v.npy.rows.jsonl", "v.npy.run.json"])
        #expect(nameCount == rowCount)
      }
    }
  }

  @Test("costs duplicates no pair: the small pictures are kept in memory")
  func smallPictures() throws {
    try withTemporaryFolder { folder in
      try SmallDisk.with { disk in
        let copy = "\(folder)/copy.png"
        let pictures = try Pictures.writeFiles(16, in: folder) + [copy]
        try write(contents(of: pictures[0]), to: copy)
        let reports = try ["\(folder)/store", "\(disk)/store"].map { store in
          try imageEmbedder(
            ["embed", "--output", store, "--model", Fixtures.model("identity_uint8_8x6")] + pictures
          ).expectSuccess()
          return try imageEmbedder("duplicates", store, "--json")
        }
        #expect(reports.map(\.ending) == [.exit(status: 0), .exit(status: 0)])
        #expect(reports[0].output == reports[1].output)
        #expect(!reports[0].output.isEmpty)
        let warning = reports[1].standardError
        #expect(
          warning.contains("No space left on device; the pictures are read again the next time"))
        #expect(try names(in: "\(disk)/store/derived").allSatisfy { !$0.hasPrefix("thumbnails") })
      }
    }
  }
}
