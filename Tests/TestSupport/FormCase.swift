import Foundation

/// A way to run a model of `Fixtures/Forms`: every form of input and output that is taken, and some that
/// are not, with the words to say of them.
package struct FormCase: Decodable, Sendable, CustomStringConvertible {
  package let model: String
  /// How outputs are pooled, where maps have their channels, and which signature is run.
  package let pool: String?
  package let layout: String?
  package let signature: String?
  package let refused: [String]
  /// What the runtime's own interpreter gives for the golden files' pattern of 8 x 6 pixels, pooled: for
  /// each head, the components.
  package let vectors: [[Float]]

  package var description: String {
    ([model] + [pool, layout, signature].compactMap(\.self)).joined(separator: " ")
  }

  package var path: String { Fixtures.form(model) }

  package static let all: [FormCase] =
    (try? JSONDecoder().decode(
      [FormCase].self, from: Data(contentsOf: URL(filePath: Fixtures.forms)))) ?? []

  /// Those that give vectors, and those that are refused.
  package static let sound = all.filter(\.refused.isEmpty)
  package static let refused = all.filter { !$0.refused.isEmpty }

  /// The picture.
  package static let picture = PixelImage(patternOfWidth: 8, height: 6, channels: 3)
}
