import CEmbedderProcess

/// The number of processors that this process may use: the most threads that one inference
/// uses, and as many images as are embedded at once.
package var processorCount: Int { Int(cprocess_processor_count()) }
