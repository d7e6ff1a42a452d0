import EmbedderModelMetadata
import EmbedderTestSupport
import Testing

@Suite("A model's structure")
struct ModelVerifierTests {
  @Test("is sound where nothing was changed", arguments: ["operators", "sparse"])
  func sound(name: String) throws {
    let file = try readModel(contents(of: Fixtures.structure(name)))
    #expect(file.structuralDefect == nil)
  }

  @Test("is sound in every model that can be read")
  func fixtures() throws {
    for name in try Fixtures.modelNames {
      guard let file = try? readModel(named: name) else { continue }
      #expect(file.structuralDefect == nil, "\(name)")
    }
  }

  @Test(
    "is refused for a single defect, with the place",
    arguments: StructuralDefect.ofTensors + StructuralDefect.ofGraphs
      + StructuralDefect.ofOperators)
  func defects(defect: StructuralDefect) throws {
    let found = try readModel(defect.model()).structuralDefect
    let text = found?.description ?? "nothing"
    #expect(text.contains(defect.part), "\(text)")
  }

  @Test("may have its data behind the FlatBuffer")
  func externalData() throws {
    var editor = ModelEditor(try contents(of: Fixtures.structure("operators")))
    let start = editor.vector(0, in: .buffer(3)) + 4
    let moved = editor.append(Array(editor.bytes[start..<start + 576]))
    editor.setCount(0, of: .buffer(3), to: 0)
    editor.set(1, of: .buffer(3), to: UInt64(moved))
    editor.set(2, of: .buffer(3), to: UInt64(576))
    #expect(try readModel(editor.bytes).structuralDefect == nil)
    editor.set(2, of: .buffer(3), to: UInt64(575))
    #expect("\(try #require(try readModel(editor.bytes).structuralDefect))".contains("575 bytes"))
  }

  @Test("may leave a bias out")
  func noBias() throws {
    var editor = ModelEditor(try contents(of: Fixtures.structure("operators")))
    editor.set(1, of: .operation(3), at: 2, to: Int32(-1))
    editor.setCount(1, of: .operation(28), to: 2)
    #expect(try readModel(editor.bytes).structuralDefect == nil)
  }

  @Test("costs no more than the file's size to check, however often a table is shared")
  func sharedTables() throws {
    let file = try contents(of: Fixtures.structure("operators"))
    var editor = ModelEditor(file)
    // A list of subgraphs that are all one, whose tables follow it: offsets lead forward only.
    let count = 60_000
    let start = editor.append([])
    let copy = start + 4 + 4 * count
    var list: [UInt8] = []
    let subgraph = ModelEditor(file).position(of: .subgraph)
    for place in [count] + (0..<count).map({ copy + subgraph - (start + 4 + 4 * $0) }) {
      list += (0..<4).map { UInt8(truncatingIfNeeded: place >> (8 * $0)) }
    }
    _ = editor.append(list + file)
    let field = editor.place(of: 2, in: .model)
    editor.set(UInt32(start - field), at: field)
    guard case .tooManyEntries = try readModel(editor.bytes).structuralDefect else {
      Issue.record("accepted")
      return
    }
  }
}
