"""Training the paper's systems as their authors do: backbones, then heads on them, or both end to end.

`config` is read before anything heavy is imported; `train` needs the extra ``train``.
"""
