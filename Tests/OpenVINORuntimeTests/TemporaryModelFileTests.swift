import EmbedderPlatform
import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

@testable import EmbedderOpenVINORuntime

@Suite("A model's file for OpenVINO")
struct TemporaryModelFileTests {
  private let bytes = SharedBytes([1, 2, 3])

  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  /// Makes a folder as an earlier process would have left it.
  private func makeFolder(
    _ name: String, in parent: String, mode: Int = 0o700, file: String = "model.tflite"
  ) throws -> String {
    let folder = "\(parent)/\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try write([9], to: "\(folder)/\(file)")
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder)
    return folder
  }

  @Test("is there for as long as it is read, for nobody else, and then gone")
  func use() throws {
    try withTemporaryFolder { parent in
      let content = try withTemporaryModelFile(bytes, in: parent) { path in
        let mode = fileStatus(of: PathBytes(path)).map { $0.st_mode & 0o777 }
        #expect(mode == 0o600)
        return try? contents(of: path)
      }
      #expect(content == [1, 2, 3])
      #expect(try names(in: parent).isEmpty)
    }
  }

  @Test("takes what a process that died has left with it")
  func abandoned() throws {
    try withTemporaryFolder { parent in
      _ = try makeFolder("image-embedder-openvino-AbCd12", in: parent)
      _ = try makeFolder("image-embedder-openvino-xyz789", in: parent)
      let during = try withTemporaryModelFile(bytes, in: parent) { _ in try? names(in: parent) }
      #expect(during?.count == 1)
      #expect(try names(in: parent).isEmpty)
    }
  }

  @Test("leaves alone what another process reads, and what is none of ours")
  func others() throws {
    try withTemporaryFolder { parent in
      let read = try makeFolder("image-embedder-openvino-AbCd12", in: parent)
      let descriptor = unsafe open("\(read)/model.tflite", O_RDONLY)
      try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
      defer { close(descriptor) }
      let open = "image-embedder-openvino-open00"
      _ = try makeFolder(open, in: parent, mode: 0o755)
      let full = try makeFolder("image-embedder-openvino-full00", in: parent)
      try write([7], to: "\(full)/notes.txt")
      _ = try makeFolder("image-embedder-openvino-else00", in: parent, file: "other.tflite")
      _ = try makeFolder("image-embedder-AbCd12", in: parent)
      try FileManager.default.createSymbolicLink(
        atPath: "\(parent)/image-embedder-openvino-link00", withDestinationPath: "\(parent)/\(open)"
      )
      let before = try names(in: parent)
      try withTemporaryModelFile(bytes, in: parent) { _ in }
      #expect(try names(in: parent) == before)
      #expect(try names(in: read) == ["model.tflite"])
      #expect(try names(in: full) == ["model.tflite", "notes.txt"])
    }
  }
}
