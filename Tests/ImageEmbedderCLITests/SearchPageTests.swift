import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

@testable import ImageEmbedderCLI

@Suite("The page of search", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct SearchPageTests {
  @Test("holds small pictures, addresses and cosines, and nothing from elsewhere")
  func page() throws {
    try SearchTests.withStore(4) { folder in
      let run = try imageEmbedder(
        "search", "out", SearchTests.name(1), "--k", "3", "--html", "page.html", folder: folder)
      run.expectSuccess()
      #expect(run.output == "", "the page is in place of the printed answers")
      let page = try text(of: "\(folder)/page.html")
      #expect(page.hasPrefix(Page.beginning))
      // The query's and three answers'.
      let pictures = page.matches(of: #/src="data:image\/jpeg;base64,([A-Za-z0-9+\/=]+)"/#)
      #expect(pictures.count == 4)
      for picture in pictures {
        let jpeg = try #require(Data(base64Encoded: String(picture.1)))
        #expect(jpeg.starts(with: [0xff, 0xd8, 0xff]))
      }
      let links = page.matches(of: #/href="([^"]*)"/#).map { String($0.1) }
      let folderURL = fileURL(PathBytes(folder))
      #expect(
        links
          == SearchTests.ranking(of: 1, among: 4).prefix(3).map {
            "\(folderURL)/in/picture%20\($0).png"
          })
      #expect(page.contains(">1.0000<"))
      #expect(page.contains("The nearest 3 of 4 pictures"))
      #expect(!page.contains("http:") && !page.contains("https:"))
    }
  }

  @Test("prints as well where that is asked for")
  func printing() throws {
    try SearchTests.withStore(2) { folder in
      let run = try imageEmbedder(
        "search", "out", SearchTests.name(1), "--k", "1", "--html", "page.html", "--paths-only",
        folder: folder)
      run.expectSuccess()
      #expect(run.output == SearchTests.name(1) + "\n")
      #expect(try names(in: folder) == ["in", "out", "page.html"])
    }
  }

  @Test("says what has become of pictures, and shows no other in their place")
  func vanished() throws {
    try SearchTests.withStore(3) { folder in
      try FileManager.default.removeItem(atPath: "\(folder)/\(SearchTests.name(0))")
      try write(Array("no picture".utf8), to: "\(folder)/\(SearchTests.name(2))")
      try imageEmbedder(
        "search", "out", SearchTests.name(1), "--html", "page.html", folder: folder
      ).expectSuccess()
      let page = try text(of: "\(folder)/page.html")
      #expect(page.contains("No picture: the file is gone"))
      #expect(page.contains("the file has changed since it was embedded"))
      #expect(page.matches(of: /No picture:/).count == 2)
      #expect(page.matches(of: /<img/).count == 2)
    }
  }

  @Test("shows names as they are, whatever they would mean in HTML")
  func meaningfulNames() throws {
    try withTemporaryFolder { folder in
      let picture = try Pictures.writeFiles(1, in: folder)[0]
      try FileManager.default.createDirectory(
        atPath: "\(folder)/in", withIntermediateDirectories: false)
      let name = "<img src=x onerror=alert(1)>\"'&amp;.png"
      try FileManager.default.copyItem(atPath: picture, toPath: "\(folder)/in/\(name)")
      try imageEmbedder(
        ["embed", "in", "--output", "out"] + OutputFolderTests.model, folder: folder
      ).expectSuccess()
      try imageEmbedder("search", "out", "in/\(name)", "--html", "page.html", folder: folder)
        .expectSuccess()
      let page = try text(of: "\(folder)/page.html")
      #expect(!page.contains("<img src=x"))
      #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;amp;.png"))
      #expect(
        page.contains("/in/%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E%22%27%26amp%3B.png\""))
    }
  }

  @Test("of many queries has a part for each")
  func many() throws {
    try SearchTests.withStore(3) { folder in
      let run = try CommandLineRunner.run(
        ["search", "out", "-", "--html", "page.html"], folder: folder,
        input: Array("in/picture 1.png\nnone.png\nin/picture 2.png\n".utf8))
      #expect(run.ending == .exit(status: 2))
      let page = try text(of: "\(folder)/page.html")
      #expect(page.matches(of: /<section>/).count == 3)
      #expect(page.matches(of: /class="card"/).count == 6)
      #expect(page.contains("No such file"))
    }
  }

  @Test("replaces a page of ours and nothing else")
  func replacing() throws {
    try SearchTests.withStore(2) { folder in
      let command = ["search", "out", SearchTests.name(1), "--html"]
      try imageEmbedder(command + ["page.html"], folder: folder).expectSuccess()
      try imageEmbedder(command + ["page.html"], folder: folder).expectSuccess()
      try write(Array("<!DOCTYPE html>mine".utf8), to: "\(folder)/mine.html")
      for path in ["mine.html", SearchTests.name(0)] {
        let before = try contents(of: "\(folder)/\(path)")
        try imageEmbedder(command + [path], folder: folder)
          .expectStop(naming: [path, "not replaced"])
        #expect(try contents(of: "\(folder)/\(path)") == before)
      }
      try imageEmbedder(command + ["out"], folder: folder).expectStop(naming: ["it is a folder"])
    }
  }

  @Test("is opened by the system's program", arguments: [["--html", "page.html"], []])
  func opening(options: [String]) throws {
    try SearchTests.withStore(2) { folder in
      let script = """
        mkdir bin tmp; mkfifo opened
        printf '#!/bin/sh\\nprintf "%%s\\\\n" "$1" >opened\\n' >bin/xdg-open; chmod +x bin/xdg-open
        PATH="$PWD/bin:$PATH" TMPDIR="$PWD/tmp" "$PROGRAM" search out 'in/picture 1.png' --open "$@" &
        cat opened; wait
        """
      let run = try CommandLineRunner.shell(script, options, folder: folder)
      run.expectSuccess()
      let path = try #require(run.outputLines.first)
      #expect(options.isEmpty ? path.hasPrefix("\(folder)/tmp/") : path == "page.html")
      let page = try text(of: path.hasPrefix("/") ? path : "\(folder)/\(path)")
      #expect(page.hasSuffix("</script>\n"))
    }
  }

  @Test("stays where it is when there is no program that opens it")
  func notOpening() throws {
    try SearchTests.withStore(2) { folder in
      let run = try imageEmbedder(
        "search", "out", SearchTests.name(1), "--html", "page.html", "--open",
        environment: ["PATH": "/nowhere"], folder: folder)
      run.expectStop(naming: ["xdg-open", "page.html"])
      #expect(try names(in: folder).contains("page.html"))
    }
  }
}

@Suite("Text in pages")
struct HTMLTextTests {
  @Test(
    "is escaped where it has a meaning",
    arguments: [
      ("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;"), ("ä 日本 🐈", "ä 日本 🐈"),
      ("a\nb\u{0}", "a\\nb\\0"), ("\u{202e}gpj.exe", "\\u{202E}gpj.exe"),
    ])
  func escaping(text: String, expected: String) {
    #expect(escapedHTML(text) == expected)
  }

  @Test("is broken where words of a name end, and nowhere in what stands for one character")
  func breaking() {
    #expect(breakableHTML("a_b-1/c&<.jpg") == "a_<wbr>b-<wbr>1/<wbr>c&amp;&lt;<wbr>.jpg")
  }

  @Test("has addresses of files by RFC 8089, also of names that are no text")
  func addresses() {
    #expect(fileURL("/a b/ä#?%.jpg") == "file:///a%20b/%C3%A4%23%3F%25.jpg")
    #expect(fileURL(PathBytes([0x2f, 0xff, 0x0a])) == "file:///%FF%0A")
    #expect(fileURL("/A-Z_a.z~09") == "file:///A-Z_a.z~09")
  }
}
