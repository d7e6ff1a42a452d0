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

  @Test("is written to a file of its own alone")
  func writing() throws {
    try PictureFolder.with { folder in
      let script = try MoveScript(try script(in: folder))
      let path = folder.file("move.sh")
      try write(Array("#!/bin/sh\n# Moves the house\n".utf8), to: folder.file("other.sh"))
      // One that is there already, or is empty, and one whose name nobody has.
      try write([], to: folder.file("empty.sh"))
      for name in ["move.sh", "empty.sh", "new.sh"] {
        try script.write(to: PathBytes(folder.file(name)))
        #expect(try contents(of: folder.file(name)) == script.bytes)
      }
      for name in [folder.file("other.sh"), folder.file("a.png"), folder.path, "/dev/null"] {
        #expect { try script.write(to: PathBytes(name)) } throws: {
          "\($0)".contains("was not written by image-embedder and is not replaced")
        }
      }
      #expect(throws: DuplicateError.self) {
        try script.write(to: PathBytes(folder.file("nowhere/move.sh")))
      }
      #expect(try contents(of: path) == script.bytes)
    }
  }

  @Test("is given up when that is wanted")
  func cancelled() throws {
    try PictureFolder.with { folder in
      let report = try script(in: folder)
      #expect { try MoveScript(report, isCancelled: { true }) } throws: {
        if case DuplicateError.cancelled = $0 { true } else { false }
      }
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
