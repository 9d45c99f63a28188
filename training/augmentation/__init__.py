"""Augmentation: variants of annotated passages whose labels stay true."""
