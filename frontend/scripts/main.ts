// What a page does beyond its HTML; every page reads the same without it.
export {};
