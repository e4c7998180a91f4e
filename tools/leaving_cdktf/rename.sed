# Every name that the fork changed; its files and folders are still cdktf.json and cdktf.out.
s/cdktf([-_])cdktf[-_]provider/cdktn\1provider/g
s/cdktf/cdktn/g
s/cdktn\.(json|out)/cdktf.\1/g
s/(leaving[-_])cdktn/\1cdktf/g
