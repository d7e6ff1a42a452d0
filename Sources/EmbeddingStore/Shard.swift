/// Every `count`-th input, from number `number` on, counted from 1.
public struct Shard: Hashable, Sendable {
  /// Which of them, from 1.
  public let number: Int
  /// How many there are.
  public let count: Int

  /// Describes one of `count` parts of the inputs; `number` is from 1 to `count`.
  public init(number: Int, count: Int) {
    self.number = number
    self.count = count
  }

  /// Whether the input with this number, counted from 0, is the shard's.
  package func takes(_ index: Int) -> Bool { index % count == number - 1 }
}
