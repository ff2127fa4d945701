"""The steps of the officer's work, one file each; no stage imports another (各步骤)."""
