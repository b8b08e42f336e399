"""seqcompare: LSTM or Transformer for this series, this window length and this machine?"""
