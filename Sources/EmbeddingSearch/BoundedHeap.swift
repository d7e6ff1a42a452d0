/// The largest numbers of many, as a heap whose root is the least of them.
struct BoundedHeap: Sendable {
  private let capacity: Int
  private var values: [Double] = []

  init(capacity: Int) { self.capacity = capacity }

  /// The least number that is held, once there are as many as there may be.
  var least: Double? { values.count == capacity ? values[0] : nil }

  /// Adds a number if there is room, or if it is larger than the least.
  mutating func add(_ value: Double) {
    if values.count < capacity {
      values.append(value)
      var place = values.count - 1
      while place > 0, values[place] < values[(place - 1) / 2] {
        values.swapAt(place, (place - 1) / 2)
        place = (place - 1) / 2
      }
      return
    }
    guard value > values[0] else { return }
    values[0] = value
    var place = 0
    while true {
      var least = place
      for child in 2 * place + 1...2 * place + 2
      where child < values.count && values[child] < values[least] {
        least = child
      }
      guard least != place else { return }
      values.swapAt(place, least)
      place = least
    }
  }

  /// Adds all numbers of another heap.
  mutating func add(_ other: BoundedHeap) {
    for value in other.values { add(value) }
  }
}
