"""The ground: records, money, rules, expressions, findings, mapping, JSON models (基础模型)."""
