import EmbedderLiteRtRuntime
import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

@Suite("The runtime library")
struct LiteRtLibraryTests {
  // MARK: Opening

  @Test(
    "has every function of the table",
    .enabled(if: Fixtures.hasLiteRt, "the LiteRT library is missing; run scripts/setup"))
  func allSymbols() throws {
    let library = try LiteRtLibrary(path: PathBytes(Fixtures.liteRtLibrary))
    #expect(library.path == Fixtures.liteRtLibrary)
    unsafe withUnsafeBytes(of: library.functions) { bytes in
      #expect(unsafe bytes.bindMemory(to: UInt.self).allSatisfy { $0 != 0 })
    }
  }

  @Test(
    "is not found at a path where nothing is",
    arguments: ["/nope", "/nope/libLiteRt.so", "nope.so"])
  func missing(path: String) throws {
    let error = try #require(throws: LiteRtError.self) { try LiteRtLibrary(path: PathBytes(path)) }
    guard case .libraryNotFound(let attempts) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(attempts.count == 1)
    #expect(attempts.allSatisfy { $0.hasPrefix("\(path): ") })
    #expect(error.description.contains(path))
  }

  @Test("is no text file, no empty file and no folder")
  func otherFiles() throws {
    try withTemporaryFolder { folder in
      try write(Array("this is no library\n".utf8), to: "\(folder)/text.so")
      try write([], to: "\(folder)/empty.so")
      for path in ["\(folder)/text.so", "\(folder)/empty.so", folder] {
        let error = try #require(throws: LiteRtError.self) {
          try LiteRtLibrary(path: PathBytes(path))
        }
        guard case .libraryNotFound = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(error.description.contains(path))
      }
    }
  }

  @Test("is no other library")
  func otherLibrary() {
    let error = LiteRtError.incompatibleLibrary(
      path: "libm.so.6", missingFunction: "LiteRtCreateEnvironment")
    #expect(throws: error) { try LiteRtLibrary(path: "libm.so.6") }
  }

  // MARK: Where it is looked for

  @Test("is looked for beside the program, then in lib, in the cache folder and by its bare name")
  func candidates() async {
    await #expect(processExitsWith: .success) {
      setEnvironment("XDG_CACHE_HOME", to: "/a cache")
      let program = try #require(Bundle.main.executableURL).resolvingSymlinksInPath()
      let folder = program.deletingLastPathComponent().path
      #expect(
        LiteRtLibrary.candidates() == [
          "\(folder)/libLiteRt.so", "\(folder)/../lib/libLiteRt.so",
          "/a cache/image-embedder/litert-2.3.0/libLiteRt.so", "libLiteRt.so",
        ])
    }
  }

  @Test("is looked for below the home folder where no cache folder is named")
  func homeFolder() async {
    await #expect(processExitsWith: .success) {
      setEnvironment("HOME", to: "/a home")
      setEnvironment("XDG_CACHE_HOME", to: nil)
      let path = "/a home/.cache/image-embedder/litert-2.3.0/libLiteRt.so"
      #expect(LiteRtLibrary.candidates().contains(path))
      // The standard: an empty value counts as none.
      setEnvironment("XDG_CACHE_HOME", to: "")
      #expect(LiteRtLibrary.candidates().contains(path))
    }
  }

  @Test("is looked for without a home")
  func noHome() async {
    await #expect(processExitsWith: .success) {
      setEnvironment("HOME", to: nil)
      setEnvironment("XDG_CACHE_HOME", to: nil)
      #expect(LiteRtLibrary.candidates().count == 3)
      #expect(LiteRtLibrary.candidates().last == "libLiteRt.so")
    }
  }

  @Test("names every place where it was looked for")
  func allAttempts() async {
    await #expect(processExitsWith: .success) {
      setEnvironment("IMAGE_EMBEDDER_LITERT", to: nil)
      setEnvironment("XDG_CACHE_HOME", to: "/nope")
      // A system that has the library in its own folders finds it there.
      if unsafe dlopen("libLiteRt.so", RTLD_NOW) != nil { return }
      let error = try #require(throws: LiteRtError.self) { try LiteRtLibrary(path: nil) }
      guard case .libraryNotFound(let attempts) = error else {
        Issue.record("\(error)")
        return
      }
      let candidates = LiteRtLibrary.candidates()
      #expect(attempts.count == candidates.count)
      for (attempt, candidate) in zip(attempts, candidates) {
        #expect(attempt.hasPrefix("\(candidate): "))
        #expect(error.description.contains(attempt))
      }
    }
  }

  @Test("is taken from where the environment says, and from nowhere else")
  func environmentVariable() async {
    await #expect(processExitsWith: .success) {
      setEnvironment("IMAGE_EMBEDDER_LITERT", to: "/nope/of the environment.so")
      let error = try #require(throws: LiteRtError.self) { try LiteRtLibrary(path: nil) }
      guard case .libraryNotFound(let attempts) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(attempts.count == 1)
      #expect(attempts.first?.hasPrefix("/nope/of the environment.so: ") == true)
    }
  }

  @Test("is taken from a path that is given rather than from where the environment says")
  func givenPath() async {
    await #expect(processExitsWith: .success) {
      setEnvironment("IMAGE_EMBEDDER_LITERT", to: "/nope/of the environment.so")
      let error = LiteRtError.incompatibleLibrary(
        path: "libm.so.6", missingFunction: "LiteRtCreateEnvironment")
      #expect(throws: error) { try LiteRtLibrary(path: "libm.so.6") }
    }
  }

  @Test(
    "is found in the cache folder, whatever the working directory is",
    .enabled(if: Fixtures.hasLiteRt, "the LiteRT library is missing; run scripts/setup"))
  func found() async {
    await #expect(processExitsWith: .success) {
      let library = Fixtures.liteRtLibrary
      setEnvironment("IMAGE_EMBEDDER_LITERT", to: nil)
      try withTemporaryFolder { folder in
        let cache = "\(folder)/image-embedder/litert-2.3.0"
        try FileManager.default.createDirectory(
          atPath: cache, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
          atPath: "\(cache)/libLiteRt.so", withDestinationPath: library)
        setEnvironment("XDG_CACHE_HOME", to: folder)
        try #require(FileManager.default.changeCurrentDirectoryPath("/"))
        #expect(try LiteRtLibrary(path: nil).path == "\(cache)/libLiteRt.so")
      }
    }
  }
}

/// Sets or unsets a variable of this process's environment: for exit tests, which have their own.
private func setEnvironment(_ name: String, to value: String?) {
  _ = if let value { unsafe setenv(name, value, 1) } else { unsafe unsetenv(name) }
}
