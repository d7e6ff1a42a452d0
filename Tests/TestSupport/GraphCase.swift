import Foundation

/// A model of `Fixtures/Graphs`: sound, but nothing that the runtime runs as it is; or one that it cannot
/// run, with the words to say of it.
package struct GraphCase: Decodable, Sendable, CustomStringConvertible {
  package let name: String
  package let about: String
  /// The width and height of the pictures, which are the golden files' patterns.
  package let sizes: [[Int]]
  package let refused: [String]
  /// What the runtime's own interpreter gives: for each picture, for each head, the components.
  package let vectors: [[[Float]]]

  package var description: String { name }

  package var path: String { Fixtures.graph(name) }

  package static let all: [GraphCase] =
    (try? JSONDecoder().decode(
      [GraphCase].self, from: Data(contentsOf: URL(filePath: Fixtures.graphs)))) ?? []

  /// Those that can be run, and those that cannot.
  package static let sound = all.filter(\.refused.isEmpty)
  package static let refused = all.filter { !$0.refused.isEmpty }

  /// The pictures, in order.
  package var pictures: [PixelImage] {
    sizes.map { PixelImage(patternOfWidth: $0[0], height: $0[1], channels: 3) }
  }
}
