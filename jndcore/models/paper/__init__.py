"""The six systems of Nami et al. (IEEE TCSVT 2024, doi 10.1109/TCSVT.2024.3387788) and their autoencoder.

Written from the description of the authors' TensorFlow graphs (github sanaznami/MTL_JND, Apache-2.0).
"""
