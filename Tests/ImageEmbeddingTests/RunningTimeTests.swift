import Testing

@testable import EmbedderIsolation

@Suite("Running time")
struct RunningTimeTests {
  @Test("does not count the time that a process was stopped in a wait")
  func stopped() {
    let time = RunningTime(seconds: 60)
    // What a wait of a second takes where the process is stopped in it for an hour.
    time.spend(.seconds(3600))
    #expect(time.left == .seconds(59))
    #expect(time.nextSlice == 1001)
  }

  @Test("runs out when all of it was waited")
  func used() {
    let time = RunningTime(seconds: 2)
    time.spend(.milliseconds(1500))
    #expect(time.left == .seconds(1))
    time.spend(.milliseconds(900))
    #expect(time.nextSlice == 101)
    time.spend(.seconds(1))
    #expect(time.nextSlice == nil)
  }
}
