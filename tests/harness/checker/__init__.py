"""The second opinion on a pipeline: judges each input anew and compares what the topics hold."""
