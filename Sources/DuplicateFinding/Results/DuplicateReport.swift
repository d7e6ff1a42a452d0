/// What was found among pictures: pairs, groups, and what could not be compared.
///
/// The same for the same pictures, whatever the number of threads.
public struct DuplicateReport: Sendable {
  /// Two pictures that belong together.
  public struct Pair: Hashable, Sendable {
    /// The number of the first picture in ``DuplicateReport/pictures``; less than that of the second.
    public let a: Int
    /// The number of the second picture.
    public let b: Int
    /// The surest tier that holds.
    public let tier: DuplicateTier
    /// The cosine of the stored vectors; `nil` without a store.
    public let cosine: Double?
    /// The normalized correlation of the small pictures, as well as they can be aligned, -1 to 1; `nil` where
    /// nobody looked.
    public let correlation: Double?
    /// How the second is brought onto the first; `nil` for pictures that are no copies.
    public let transform: PictureTransform?
    /// A few words on what the tier rests on.
    public let reason: String
  }

  /// Pictures of which every two meet the tier.
  public struct Group: Hashable, Sendable {
    /// The group's number, from 1.
    public let number: Int
    /// The tier that every pair meets: ``DuplicateTier/copies`` where some are copies and others equal.
    public let tier: DuplicateTier
    /// The numbers of the pictures, in order; at least two.
    public let members: [Int]
    /// The one that is best kept, which is advice and no more.
    public let keep: Int
    /// Why that one.
    public let reason: String
  }

  /// The pictures that were compared, in the order of the rows or of the paths.
  public internal(set) var pictures: [ComparedPicture] = []
  /// Pairs by their pictures' numbers.
  ///
  /// Of groups above ``DuplicateFinder/largestListedGroup`` each member
  /// is paired with the one to keep alone.
  public internal(set) var pairs: [Pair] = []
  /// Groups of duplicates, then groups of similar pictures, each by their first members.
  ///
  /// A picture is in one group of each kind at most.
  public internal(set) var groups: [Group] = []
  /// The pictures that show nothing, which are not compared with others beyond their bytes and pixels.
  public internal(set) var flat: [Int] = []
  /// The pictures that could not be compared; ``ComparedPicture/problem`` says why.
  public internal(set) var failed: [Int] = []
  /// What else is to be known of the report, one sentence each.
  public internal(set) var warnings: [String] = []
}
