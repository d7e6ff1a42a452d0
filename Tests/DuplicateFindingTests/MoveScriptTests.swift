import DuplicateFinding
import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

@Suite("A move script")
struct MoveScriptTests {
  private func script(in folder: PictureFolder) throws -> DuplicateReport {
    for name in ["a.png", "b.png"] { try folder.write(DuplicateFinderTests.picture(1), name) }
    let report = try DuplicateFinder(
      files: ["a.png", "b.png"].map { PathBytes(folder.file($0)) }
    ).find()
    try write(try MoveScript(report).bytes, to: folder.file("move.sh"))
    return report
  }

  private func run(in folder: PictureFolder) throws -> CommandLineRun {
    try CommandLineRunner.shell("sh '\(folder.file("move.sh"))' '\(folder.file("away"))'")
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  @Test("moves all but the kept picture, below their paths")
  func moves() throws {
    try PictureFolder.with { folder in
      let report = try script(in: folder)
      #expect(report.name(report.groups[0].keep) == "a.png")
      #expect(try run(in: folder).ending == .exit(status: 0))
      #expect(exists(folder.file("a.png")))
      #expect(!exists(folder.file("b.png")))
      let moved = report.pictures[1].absolutePath.description
      #expect(exists(folder.file("away") + moved))
    }
  }

  @Test("moves nothing where a file has changed, is gone, or would be replaced", arguments: 0..<3)
  func refuses(obstacle: Int) throws {
    try PictureFolder.with { folder in
      let report = try script(in: folder)
      switch obstacle {
      case 0: try write([1, 2, 3], to: folder.file("a.png"))
      case 1: try FileManager.default.removeItem(atPath: folder.file("a.png"))
      default:
        let target = folder.file("away") + report.pictures[1].absolutePath.description
        try FileManager.default.createDirectory(
          atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try write([4], to: target)
      }
      let run = try run(in: folder)
      #expect(run.ending == .exit(status: 1))
      #expect(run.standardError.contains("nothing was moved"))
      #expect(exists(folder.file("b.png")))
    }
  }
}
