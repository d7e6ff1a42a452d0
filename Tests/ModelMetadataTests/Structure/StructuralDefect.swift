import EmbedderTestSupport
import Testing

/// One thing that is wrong with an otherwise sound model, and what must be said of it.
struct StructuralDefect: Sendable, CustomTestStringConvertible {
  let name: String
  let part: String
  private let fixture: String
  private let change: @Sendable (inout ModelEditor) -> Void

  init(
    _ name: String, in fixture: String = "operators", says part: String,
    change: @escaping @Sendable (inout ModelEditor) -> Void
  ) {
    self.name = name
    self.fixture = fixture
    self.part = part
    self.change = change
  }

  var testDescription: String { name }

  /// The model with what is wrong.
  func model() throws -> [UInt8] {
    var editor = ModelEditor(try contents(of: Fixtures.structure(fixture)))
    change(&editor)
    return editor.bytes
  }
}
